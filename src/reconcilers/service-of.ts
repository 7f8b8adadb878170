import type { ServiceKind, ServiceResource } from "../api/index.ts";
import { HAPROXY, PATRONI, PATRONI_INSIDE, PGBOUNCER } from "../desired/services.ts";
import type { Service } from "../desired/services.ts";

/** What each kind of resource runs on its hosts. */
export const SERVICE_OF: Readonly<Record<ServiceKind, Service>> = {
  PostgresHACluster: PATRONI,
  HAProxyPool: HAPROXY,
  PgBouncerPool: PGBOUNCER,
};

/** The same of one resource: Patroni's unit is another one in a container. */
export function serviceOf({ kind, spec }: ServiceResource): Service {
  return kind === "PostgresHACluster" && spec.runtime === "container" ? PATRONI_INSIDE : SERVICE_OF[kind];
}

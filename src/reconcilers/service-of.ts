import type { ServiceKind } from "../api/index.ts";
import { HAPROXY, PATRONI, PGBOUNCER } from "../desired/services.ts";
import type { Service } from "../desired/services.ts";

/** What each kind of resource runs on its hosts. */
export const SERVICE_OF: Readonly<Record<ServiceKind, Service>> = {
  PostgresHACluster: PATRONI,
  HAProxyPool: HAPROXY,
  PgBouncerPool: PGBOUNCER,
};

import type { Kind } from "../api/index.ts";
import { wakeHAProxyPools } from "./haproxy-pool.ts";
import { wakePgBouncerPools } from "./pgbouncer-pool.ts";
import { wakePostgresHAClusters } from "./postgres-ha-cluster.ts";
import type { Wakeable, Watches } from "./watches.ts";

/** Connects what changes with what has to be looked at because of it; one file a kind says what wakes it. */
export function connectWakes(controllers: Readonly<Record<Kind, Wakeable>>, watches: Watches): void {
  wakePostgresHAClusters(controllers.PostgresHACluster, watches);
  wakeHAProxyPools(controllers.HAProxyPool, watches);
  wakePgBouncerPools(controllers.PgBouncerPool, watches);
}

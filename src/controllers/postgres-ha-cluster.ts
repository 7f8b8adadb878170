import { isMoreThanStatus, wakeOn } from "../runtime/wake-on.ts";
import { clusterKeyOf, refersToSecret } from "./dependants.ts";
import type { Wakeable, Watches } from "./watches.ts";

/** A cluster is looked at when it changes, when its pools do (pg_hba admits their hosts), and when one of its Secrets does. */
export function wakePostgresHAClusters(controller: Wakeable, { resources, secrets }: Watches): void {
  wakeOn(controller, resources.PostgresHACluster, undefined, isMoreThanStatus);
  for (const pools of [resources.HAProxyPool, resources.PgBouncerPool])
    wakeOn(controller, pools, clusterKeyOf, isMoreThanStatus);
  for (const watch of secrets) wakeOn(controller, watch, refersToSecret(resources, "PostgresHACluster"));
}

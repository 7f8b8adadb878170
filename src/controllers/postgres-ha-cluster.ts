import { isMoreThanStatus, wakeOn } from "../runtime/wake-on.ts";
import { clusterKeyOf, refersToSecret, viewChanged } from "./dependants.ts";
import type { Wakeable, Watches } from "./watches.ts";

/**
 * A cluster is looked at when it changes, when its pools do (pg_hba admits their hosts), when an HAProxy sees another leader or
 * fewer members than before, which it knows within seconds, and when one of the cluster's Secrets changes.
 */
export function wakePostgresHAClusters(controller: Wakeable, { resources, secrets }: Watches): void {
  wakeOn(controller, resources.PostgresHACluster, undefined, isMoreThanStatus);
  for (const pools of [resources.HAProxyPool, resources.PgBouncerPool])
    wakeOn(controller, pools, clusterKeyOf, isMoreThanStatus);
  wakeOn(controller, resources.HAProxyPool, clusterKeyOf, viewChanged);
  for (const watch of secrets) wakeOn(controller, watch, refersToSecret(resources, "PostgresHACluster"));
}

import { isMoreThanStatus, wakeOn } from "../runtime/wake-on.ts";
import { poolKeysOf, refersToSecret, serviceChanged } from "./dependants.ts";
import type { Wakeable, Watches } from "./watches.ts";

/** An HAProxyPool is looked at when it changes, when its cluster or that one's leader does, and when a Secret of either does. */
export function wakeHAProxyPools(controller: Wakeable, { resources, secrets }: Watches): void {
  wakeOn(controller, resources.HAProxyPool, undefined, isMoreThanStatus);
  wakeOn(controller, resources.PostgresHACluster, poolKeysOf(resources, "HAProxyPool"), serviceChanged);
  for (const watch of secrets) wakeOn(controller, watch, refersToSecret(resources, "HAProxyPool"));
}

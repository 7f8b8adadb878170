import { isMoreThanStatus, wakeOn } from "../runtime/wake-on.ts";
import { poolKeysOf, refersToSecret, serviceChanged, siblingPoolKeysOf } from "./dependants.ts";
import type { Wakeable, Watches } from "./watches.ts";

/** A PgBouncerPool is looked at when it changes, when its cluster or the HAProxyPool it goes through does, and when a Secret of these does. */
export function wakePgBouncerPools(controller: Wakeable, { resources, secrets }: Watches): void {
  wakeOn(controller, resources.PgBouncerPool, undefined, isMoreThanStatus);
  wakeOn(controller, resources.PostgresHACluster, poolKeysOf(resources, "PgBouncerPool"), serviceChanged);
  wakeOn(controller, resources.HAProxyPool, siblingPoolKeysOf(resources), serviceChanged);
  for (const watch of secrets) wakeOn(controller, watch, refersToSecret(resources, "PgBouncerPool"));
}

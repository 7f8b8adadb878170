import type { HAProxyPool, PostgresHACluster, ServiceResource } from "../../api/index.ts";
import type { Credentials } from "../../credentials/index.ts";
import type { Blocker } from "../../plan/plan.ts";
import { NOTHING_RECORDED } from "../../state/index.ts";
import type { RecordedFacts } from "../../state/index.ts";
import { clusterOf } from "../cluster-of.ts";
import { wantedGround } from "../container.ts";
import type { WantedGround } from "../container.ts";
import { hostsInUse } from "../left-hosts.ts";
import type { Context } from "../reconciler.ts";
import { nameOf } from "../stack.ts";

/** A pool with the cluster it leads to. */
export interface ResolvedHAProxy {
  readonly pool: HAProxyPool;
  readonly ground: WantedGround;
  /** `HAProxyPool/name`. */
  readonly name: string;
  readonly cluster: PostgresHACluster;
  readonly credentials: Credentials;
  readonly recorded: RecordedFacts;
  /** The members that HAProxy chooses from: those that left the list are among them until they are forgotten. */
  readonly members: ReturnType<typeof hostsInUse>;
  /** The proxies, likewise. */
  readonly proxies: ReturnType<typeof hostsInUse>;
}

export function resolveHAProxyPool(
  pool: HAProxyPool,
  context: Context,
): { readonly resolved?: ResolvedHAProxy; readonly blockers: readonly Blocker[] } {
  const name = `HAProxyPool/${pool.metadata.name}`;
  const { found, blockers } = clusterOf(name, pool, context);
  if (found === undefined) return { blockers };
  const recordOf = (resource: ServiceResource) => context.records.get(nameOf(resource)) ?? NOTHING_RECORDED;
  const members = hostsInUse(found.cluster, recordOf(found.cluster));
  return {
    blockers,
    resolved: {
      pool,
      ground: wantedGround(pool, context),
      name,
      ...found,
      recorded: recordOf(pool),
      members,
      proxies: hostsInUse(pool, recordOf(pool)),
    },
  };
}

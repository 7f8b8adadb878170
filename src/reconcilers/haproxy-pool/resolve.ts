import type { HAProxyPool, PostgresHACluster } from "../../api/index.ts";
import type { Credentials } from "../../credentials/index.ts";
import type { Blocker } from "../../plan/plan.ts";
import { NOTHING_RECORDED } from "../../state/index.ts";
import type { RecordedFacts } from "../../state/index.ts";
import { clusterOf } from "../cluster-of.ts";
import type { Context } from "../reconciler.ts";

/** A pool with the cluster it leads to. */
export interface ResolvedHAProxy {
  readonly pool: HAProxyPool;
  /** `HAProxyPool/name`. */
  readonly name: string;
  readonly cluster: PostgresHACluster;
  readonly credentials: Credentials;
  readonly recorded: RecordedFacts;
}

export function resolveHAProxyPool(
  pool: HAProxyPool,
  context: Context,
): { readonly resolved?: ResolvedHAProxy; readonly blockers: readonly Blocker[] } {
  const name = `HAProxyPool/${pool.metadata.name}`;
  const { found, blockers } = clusterOf(name, pool, context);
  if (found === undefined) return { blockers };
  return { blockers, resolved: { pool, name, ...found, recorded: context.records.get(name) ?? NOTHING_RECORDED } };
}

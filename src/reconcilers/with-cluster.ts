import type { Plan } from "../plan/plan.ts";

/**
 * The plan of a pool beside that of the cluster it serves. What a cluster is refused for as a whole, a database that
 * seems renamed for one, its pools are not to follow alone: they would lead clients to what is not there.
 */
export function withCluster(name: string, plan: Plan, cluster: Plan | undefined): Plan {
  const [blocker] = cluster?.blockers.filter(({ scope }) => scope === "everything") ?? [];
  const isHeld = plan.blockers.some(({ scope }) => scope === "everything");
  if (blocker === undefined || isHeld || plan.steps.length === 0) return plan;
  return {
    ...plan,
    blockers: [
      ...plan.blockers,
      {
        resource: name,
        scope: "everything",
        reason: "ClusterBlocked",
        why: `it waits with ${blocker.resource}, nothing of which is touched: ${blocker.reason}, ${blocker.why}`,
        wayOut: "Mend that; then this goes on by itself.",
      },
    ],
  };
}

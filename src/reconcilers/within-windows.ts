import { ANNOTATIONS } from "../api/annotations.ts";
import { windowAt } from "../api/windows.ts";
import type { PostgresHACluster } from "../api/index.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { list } from "../text/words.ts";

/**
 * A plan outside of the maintenance windows of its cluster: what clients would notice waits for the next. What mends
 * is not noticed, and all else goes on.
 */
export function withinWindows(
  resource: string,
  plan: Plan,
  { spec, metadata }: PostgresHACluster,
  nowMs: number,
): Plan {
  const waiting = plan.steps.filter(isNoticed);
  const at = waiting.length === 0 ? undefined : windowAt(spec.maintenance.windows, nowMs);
  if (at === undefined || at.open) return plan;
  const hosts = [...new Set(waiting.flatMap(({ host }) => host ?? []))];
  const when = Number.isFinite(at.nextMs) ? `, ${new Date(at.nextMs).toISOString().replace(".000Z", "Z")}` : "";
  return {
    ...plan,
    blockers: [
      ...plan.blockers,
      {
        resource,
        scope: "disruptive",
        reason: "WindowClosed",
        why: `what clients notice of ${list(hosts)} waits for the next maintenance window${when}`,
        wayOut:
          "By command line do it now: pgha apply --outside-windows; in Kubernetes: kubectl annotate " +
          `postgreshacluster ${metadata.name} ${ANNOTATIONS.outsideWindows}=true`,
      },
    ],
  };
}

function isNoticed({ impact }: Step): boolean {
  return impact === "restart" || impact === "disruptive";
}

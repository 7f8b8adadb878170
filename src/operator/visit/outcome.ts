import { isReason } from "../../reasons.ts";
import type { Condition } from "../../api/index.ts";
import type { Plan } from "../../plan/plan.ts";
import type { LiveResource, StoredResource } from "../../state/live-resource.ts";
import type { ResourceStatus } from "../../status/status.ts";
import type { VisitMemory } from "./memory.ts";
import type { Visit, VisitParts } from "./parts.ts";

/**
 * Tells what a look changed in what is said of a resource: whether it is Ready and why not, and that nothing but time
 * says it is stuck. What stands in its way is told as hindrances, what was done as acts.
 */
export function tellOutcome({ admitted, live, parts }: Visit, before: StoredResource, { blockers }: Plan): void {
  const { announcer } = parts;
  const now = live.current();
  const ready = conditionOf(now, "Ready");
  const was = conditionOf(before, "Ready");
  if (ready !== undefined && (was?.status !== ready.status || was.reason !== ready.reason)) {
    if (ready.status === "True") announcer.normal(now, "Converged", "Look", "all hosts are as the spec says");
    else if (isReason(ready.reason))
      announcer.logged(
        was?.status === "True" ? "warn" : "info",
        now,
        ready.reason,
        "Look",
        `not Ready: ${ready.message}`,
      );
  }
  const stalled = conditionOf(now, "Stalled");
  // A step that is undone is told of with its step.
  const isHindrance =
    admitted.invalid?.heals === false ||
    stalled?.reason === "StepUndone" ||
    blockers.some(({ reason }) => reason === stalled?.reason);
  if (!isHindrance) tellStalled(live, parts, before);
}

/** Tells that something was waited for too long. */
export function tellStalled(
  live: LiveResource,
  { announcer }: Pick<VisitParts, "announcer">,
  before: StoredResource,
): void {
  const now = live.current();
  const stalled = conditionOf(now, "Stalled");
  if (stalled !== undefined && conditionOf(before, "Stalled")?.reason !== stalled.reason && isReason(stalled.reason))
    announcer.warning(now, stalled.reason, "Wait", stalled.message);
}

/** Tells who leads now. That nobody does is not believed of a look some of whose answers are still out. */
export function tellLeader(
  { live, parts }: Visit,
  before: StoredResource,
  { cluster }: ResourceStatus,
  memory: VisitMemory,
  look: "early" | "whole",
): void {
  if (cluster === undefined || (cluster.leader === undefined && look === "early")) return;
  const { leader } = cluster;
  const last = memory.leader === undefined ? before.status?.leader : memory.leader.name;
  memory.leader = { name: leader };
  if (leader === last) return;
  const [now, after] = [live.current(), last === undefined ? "" : `, after ${last}`];
  if (leader === undefined) parts.announcer.warning(now, "NoLeader", "Look", `nobody is known to lead${after}`);
  else parts.announcer.normal(now, "LeaderChanged", "Look", `${leader} leads${after}`, leader);
}

function conditionOf({ status }: StoredResource, type: Condition["type"]): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

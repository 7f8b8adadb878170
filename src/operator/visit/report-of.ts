import type { Next } from "../../apply/ending.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { handsOff } from "../../status/hands-off.ts";
import type { ResourceStatus } from "../../status/status.ts";
import { whyHandsOff } from "../../api/annotations.ts";
import { drifted, overdue, specInvalid, troubled, waitingUntil } from "../status/amend.ts";
import { patiently } from "./patient.ts";
import type { Visit } from "./parts.ts";

/** What the pass reports, with what only the operator knows: patience, failures, pauses, and whether this is drift. */
export function reportOf({ admitted, live, parts, memory }: Visit, pass: Pass, next: Next): ResourceStatus {
  const before = live.current();
  const base = pass.statuses.get(admitted.name);
  if (base === undefined) throw new TypeError(`${admitted.name} has no report`);
  if (admitted.invalid !== undefined) {
    const { refusal, waiting } = patiently(admitted.invalid, before, memory, parts);
    const invalid = specInvalid(base, refusal, before.metadata.generation ?? 0);
    return waiting === undefined ? invalid : { ...invalid, waiting };
  }
  const report = drifted(base, isDrift(before) ? pass.plan.steps.length : 0);
  const reason = whyHandsOff(before);
  if (reason !== undefined) return handsOff(report, reason);
  const trouble = memory.patience.troubleIn(pass.plan);
  if (trouble !== undefined) return troubled(report, trouble);
  const [first] = next.kind === "wait" ? next.timed : [];
  if (next.kind !== "wait" || first === undefined) return report;
  const timed = waitingUntil(report, first.wait, first.untilMs);
  return next.overdue === undefined ? timed : overdue(timed, next.overdue.wait, next.overdue.said);
}

/** It was all well with this very spec, or it was drifting already and is not back yet. */
function isDrift({ metadata, status }: StoredResource): boolean {
  const is = (type: string): boolean =>
    status?.conditions?.some(
      (condition) =>
        condition.type === type && condition.status === "True" && condition.observedGeneration === metadata.generation,
    ) ?? false;
  return is("Ready") || is("DriftDetected");
}

import type { Wave } from "../../plan/wave.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { handsOff } from "../../status/hands-off.ts";
import type { ResourceStatus } from "../../status/status.ts";
import { whyHandsOff } from "../../api/annotations.ts";
import { drifted, overdue, specInvalid, stepFailed, stepUndone, waitingUntil } from "../status/amend.ts";
import { waitTimes } from "./memory.ts";
import type { VisitMemory } from "./memory.ts";
import { patiently } from "./patient.ts";
import type { Visit } from "./parts.ts";

/** What the pass reports, with what only the operator knows: patience, failures, pauses, and whether this is drift. */
export function reportOf(
  { admitted, live, parts }: Visit,
  pass: Pass,
  wave: Wave,
  memory: VisitMemory,
): ResourceStatus {
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
  if (memory.failure !== undefined) {
    const { step, failure } = memory.failure;
    if (pass.plan.steps.some((planned) => planned.id === step.id)) return stepFailed(report, step, failure);
    memory.failure = undefined;
  }
  if (memory.undone !== undefined) {
    const { step, failure } = memory.undone;
    if (pass.plan.steps.some((planned) => planned.id === step.id)) return stepUndone(report, step, failure);
    memory.undone = undefined;
  }
  const [wait] = wave.kind === "wait" ? wave.waits : [];
  if (wait === undefined) {
    memory.wait = undefined;
    return report;
  }
  const now = parts.clock.now();
  const { untilMs, said } = waitTimes(memory, wait, before.status?.waiting?.until, now);
  const timed = waitingUntil(report, wait, untilMs);
  return now > untilMs ? overdue(timed, wait, said) : timed;
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

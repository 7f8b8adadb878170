import { whenAgain } from "../../apply/ending.ts";
import type { Ending } from "../../apply/ending.ts";
import { STEADY } from "../../apply/patience.ts";
import { describe } from "../../changes/describe.ts";
import { DEFAULT_BACKOFF, pauseAfter } from "../../runtime/backoff.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import { stepFailed } from "../status/amend.ts";
import { storedStatus } from "../status/stored-status.ts";
import { askedOf } from "./parts.ts";
import type { Seen, Visit } from "./parts.ts";
import { StepFailedError, StepUndoneError } from "./step-errors.ts";

/**
 * When to look again at one whose turn is over.
 *
 * @throws StepFailedError, StepUndoneError, once they were told.
 */
export async function outcomeOf(seen: Seen, ending: Ending): Promise<PartOutcome> {
  if (ending.kind === "failed") {
    const { kind, name, live, parts, pass } = seen;
    rest(seen, ending);
    const report = pass.statuses.get(name);
    if (report !== undefined) {
      const amended = stepFailed(report, ending.step, ending.failure);
      await live.writeStatus(storedStatus(kind, amended, live.current().status, parts.clock.now()));
    }
  }
  if (ending.kind === "failed" || ending.kind === "undone") throw told(seen, ending, "Apply");
  return whenAgain(ending, STEADY, seen.parts.clock.now());
}

type Trouble = Extract<Ending, { readonly kind: "failed" | "undone" }>;

/** What failed is tried again after a pause that grows, however often its stack is visited meanwhile. */
export function rest({ memory, live, parts }: Visit, { step, failure }: Trouble): void {
  const pauseMs = pauseAfter(memory.failures + 1, { ...DEFAULT_BACKOFF, jitter: 0 }, () => 0);
  memory.patience.rest({ kind: "failed", step, failure }, parts.clock.now() + pauseMs, askedOf(live.current()));
}

/** Tells of it by an event, and as the error that a visit ends with. */
export function told(
  { live, parts }: Visit,
  { kind, step, failure }: Trouble,
  action: "Apply" | "Delete",
): StepFailedError | StepUndoneError {
  const isFailed = kind === "failed";
  const note = `${describe(step.change)}: ${isFailed ? failure.said.trim().slice(-500) : failure.said}`;
  const reason = isFailed ? "StepFailed" : "StepUndone";
  parts.announcer.warning(live.current(), reason, action, note, failure.host ?? step.host);
  return isFailed ? new StepFailedError(step, failure) : new StepUndoneError(step, failure);
}

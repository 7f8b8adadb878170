import type { StepFailure } from "../../apply/events.ts";
import { describe } from "../../changes/describe.ts";
import type { Step } from "../../plan/plan.ts";
import { atHost } from "../../text/at-host.ts";
import { ToldError } from "./told-error.ts";

/** A step failed. It is tried again after a pause that grows. */
export class StepFailedError extends ToldError {
  override readonly name: string = "StepFailedError";

  constructor(step: Step, failure: StepFailure) {
    super(atHost(step.host ?? "here", `${describe(step.change)} failed: ${failure.said.trim().slice(-300)}`), {
      reason: "StepFailed",
      retry: "backoff",
      wayOut: failure.wayOut,
    });
  }
}

/** A step is undone by someone else each time. Only a person finds out by whom. */
export class StepUndoneError extends ToldError {
  override readonly name: string = "StepUndoneError";

  constructor(step: Step, failure: StepFailure) {
    super(atHost(step.host ?? "here", `${describe(step.change)} does not hold: ${failure.said}`), {
      reason: "StepUndone",
      retry: "never",
      wayOut: failure.wayOut,
    });
  }
}

import type { ApplyEvent } from "../../apply/events.ts";
import { describe } from "../../changes/describe.ts";
import { summaryOf } from "../../plan/summary.ts";
import type { Step } from "../../plan/plan.ts";
import type { Log, LogFields } from "../../runtime/log.ts";

/** One JSON object an event, with `event` to tell them apart. Named fields only, so that no file content gets in. */
export function logEvent(event: ApplyEvent, log: Log): void {
  switch (event.kind) {
    case "looked":
      log.info("looked at all hosts", {
        event: event.kind,
        round: event.round,
        tookMs: event.tookMs,
        ...summaryOf(event.plan),
      });
      return;
    case "wave-started":
      log.info("wave started", { event: event.kind, stage: event.stage, steps: event.steps.length });
      return;
    case "step-started":
      log.info("step started", { event: event.kind, ...fieldsOf(event.step) });
      return;
    case "step-progress":
      log.info("step goes on", { event: event.kind, ...fieldsOf(event.step), far: event.far });
      return;
    case "step-done":
      log.info("step done", { event: event.kind, ...fieldsOf(event.step), tookMs: event.tookMs });
      return;
    case "step-failed": {
      const { command, exitCode, said, wayOut } = event.failure;
      log.error("step failed", { event: event.kind, ...fieldsOf(event.step), command, exitCode, said, wayOut });
      return;
    }
    case "waiting":
      log.info("waiting", {
        event: event.kind,
        for: event.waits.map((wait) => wait.for).join("; "),
        elapsedMs: event.elapsedMs,
      });
  }
}

function fieldsOf(step: Step): LogFields {
  return {
    step: step.id,
    resource: step.resource,
    host: step.host,
    stage: step.stage,
    change: step.change.kind,
    description: describe(step.change),
    because: step.because,
    impact: step.impact,
  };
}

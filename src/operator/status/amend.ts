import { describe } from "../../changes/describe.ts";
import type { StepFailure } from "../../apply/events.ts";
import type { Trouble } from "../../apply/patience.ts";
import type { Step, Wait } from "../../plan/plan.ts";
import type { Finding } from "../../status/conditions.ts";
import { setConditions } from "../../status/set-conditions.ts";
import type { ResourceStatus } from "../../status/status.ts";
import { atHost } from "../../text/at-host.ts";
import type { Refusal } from "./unlooked.ts";

/** What only the operator knows, said over what the pass reported. Each returns a new report. */

/**
 * The spec is not valid, so nothing is done. Everything else is what was seen: by the last valid version, where one is
 * known, and in any case of the very hosts that serve now.
 */
export function specInvalid(report: ResourceStatus, refusal: Refusal, generation: number): ResourceStatus {
  const { reason, message, heals } = refusal;
  const unavailable = report.conditions.find(({ type, status }) => type === "Available" && status !== "True");
  const bad: Finding = { status: "False", reason, message };
  const amended = setConditions(
    report,
    {
      Ready: bad,
      ...(reason === "InvalidSpec" ? { SpecValid: bad } : {}),
      ConfigApplied: { ...bad, message: "nothing is applied before the spec is mended" },
      Progressing: bad,
      DriftDetected: { status: "Unknown", reason, message: "hosts are not compared with a spec that is not valid" },
      ...(unavailable === undefined ? { Degraded: { status: "True", reason, message } } : {}),
      [heals ? "Reconciling" : "Stalled"]: { status: "True", reason, message },
    },
    [heals ? "Stalled" : "Reconciling"],
  );
  const { waiting: _, ...rest } = amended;
  return {
    ...rest,
    phase: heals ? "Waiting" : "Blocked",
    message: unavailable === undefined ? message : `${unavailable.message}; and ${message}`,
    plan: [],
    observedGeneration: generation,
    conditions: amended.conditions.map((condition) => ({ ...condition, observedGeneration: generation })),
  };
}

/** What went wrong with a step last, while it is planned still. */
export function troubled(report: ResourceStatus, trouble: Trouble | undefined): ResourceStatus {
  if (trouble === undefined) return report;
  return (trouble.kind === "failed" ? stepFailed : stepUndone)(report, trouble.step, trouble.failure);
}

/** A step was tried and failed. It is tried again with growing pauses, so this is no reason to stall. */
export function stepFailed(report: ResourceStatus, step: Step, failure: StepFailure): ResourceStatus {
  const what = `${describe(step.change)} failed: ${failure.said.trim().slice(-1000)}`;
  const message = atHost(failure.host, what, failure.wayOut);
  return notReady(report, { reason: "StepFailed", message }, "Reconciling");
}

/** A step was done again and again and does not hold: a person has to find who undoes it. */
export function stepUndone(report: ResourceStatus, step: Step, { said, wayOut }: StepFailure): ResourceStatus {
  const message = atHost(step.host, `${describe(step.change)}: ${inOneLine(said)}`, wayOut);
  return notReady(report, { reason: "StepUndone", message }, "Stalled");
}

/** Lines of a host, as a sentence of a message. */
function inOneLine(said: string): string {
  return said.replaceAll(/\s*\n\s*/g, "; ").replaceAll(" said:;", " said:");
}

/** Until when each wait lasts, kept from visit to visit while it is for the same reason. */
export function waitingUntil(report: ResourceStatus, wait: Wait, untilMs: number): ResourceStatus {
  return { ...report, waiting: { for: wait.for, until: `${new Date(untilMs).toISOString().slice(0, 19)}Z` } };
}

/** Waited for too long: by itself it will hardly come right. `said` is what the service says of it, if it was asked. */
export function overdue(report: ResourceStatus, wait: Wait, said: readonly string[] = []): ResourceStatus {
  const quoted = said.length === 0 ? "" : `; ${inOneLine(said.join("\n"))}`;
  const message = `waited ${wait.deadlineSeconds} s in vain for ${wait.for}${quoted}. ${wait.wayOut}`;
  return notReady(report, { reason: wait.reason, message }, "Stalled");
}

/** Hosts differ from what is wanted, although it was all well and nobody changed the spec. */
export function drifted(report: ResourceStatus, items: number): ResourceStatus {
  const finding: Finding =
    items === 0
      ? { status: "False", reason: "AsApplied", message: "" }
      : {
          status: "True",
          reason: "HostsDiffer",
          message: `${items} steps bring the hosts back: ${report.plan.slice(0, 5).join("; ")}`,
        };
  return setConditions(report, { DriftDetected: finding }, []);
}

function notReady(
  report: ResourceStatus,
  { reason, message }: Omit<Finding, "status">,
  instead: "Stalled" | "Reconciling",
): ResourceStatus {
  const other = instead === "Stalled" ? "Reconciling" : "Stalled";
  const amended = setConditions(
    report,
    { Ready: { status: "False", reason, message }, [instead]: { status: "True", reason, message } },
    [other],
  );
  return { ...amended, message, phase: instead === "Stalled" ? "Blocked" : report.phase };
}

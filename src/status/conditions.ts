import { healsByItself } from "../reasons.ts";
import type { Reason } from "../reasons.ts";
import type { Plan } from "../plan/plan.ts";
import { atHost, wayOutAt } from "../text/at-host.ts";
import { describe } from "../changes/describe.ts";
import { list } from "../text/words.ts";
import type { Condition, ConditionStatus, ConditionType } from "./status.ts";

/** A condition without what all of them share. */
export interface Finding {
  readonly status: ConditionStatus;
  readonly reason: Reason;
  readonly message: string;
}

export interface ConditionsInput {
  readonly generation: number;
  readonly plan: Plan;
  /** Hosts that could not be looked at, with why. */
  readonly unseen: readonly { readonly host: string; readonly reason: Reason; readonly message: string }[];
  readonly hostCount: number;
  /** Whether clients are served now. */
  readonly available: Finding;
  /** Whether it was set up before, so that clients may count on it. */
  readonly established?: boolean;
  /** The conditions only this kind has. */
  readonly domain: Partial<Record<ConditionType, Finding>>;
}

/**
 * Every condition of a resource from one pass. Ready is True only when there is nothing to do, nothing to wait for,
 * nothing in the way, and every host was seen (https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus:
 * Reconciling and Stalled exist only while True, and never both).
 */
export function conditionsOf(input: ConditionsInput): readonly Condition[] {
  const ready = readyOf(input);
  const found: Partial<Record<ConditionType, Finding>> = {
    Ready: ready,
    Available: input.available,
    Progressing: progressingOf(input.plan),
    Degraded: degradedOf(input),
    Paused: { status: "False", reason: "NotPaused", message: "" },
    SpecValid: { status: "True", reason: "Valid", message: "" },
    HostsReachable: reachableOf(input),
    CredentialsReady: hasStage(input.plan, "record")
      ? { status: "False", reason: "SecretsPending", message: "secrets are still to be made, completed or renewed" }
      : { status: "True", reason: "Complete", message: "" },
    ConfigApplied: configAppliedOf(input.plan),
    ...input.domain,
    ...(ready.status === "True" ? {} : stalledOrReconciling(input.plan, ready)),
  };
  return (Object.entries(found) as [ConditionType, Finding][]).map(([type, finding]) => ({
    type,
    ...finding,
    observedGeneration: input.generation,
  }));
}

/**
 * First of all whether clients are served, and why not: whatever else is amiss can wait. As long as something is being
 * set up for the first time, nobody counts on it.
 */
function readyOf(input: ConditionsInput): Finding {
  const ready = readinessOf(input);
  const outage = outageOf(input);
  if (outage === undefined || ready.status === "True") return ready;
  const isSaid =
    outage.includes(ready.message) ||
    input.unseen.some(({ host, message }) => ready.message.includes(atHost(host, message)));
  return { ...ready, message: isSaid ? outage : `${outage}; ${ready.message}` };
}

function outageOf({ plan, available, unseen, hostCount, established }: ConditionsInput): string | undefined {
  if (available.status === "True" || !(established ?? !isBeingSetUp(plan))) return undefined;
  const names = unseen.map(({ host }) => host);
  if (names.length === hostCount)
    return (
      `clients are not served, as far as it can be seen from here: ${awayInWords(names, hostCount)} ` +
      `(${unseen[0]?.message ?? ""})`
    );
  const away = names.length === 0 ? "" : `; ${awayInWords(names, hostCount)}`;
  return (
    `${available.status === "False" ? "clients are not served" : "clients may not be served"}: ` +
    `${available.message}${away}`
  );
}

function awayInWords(names: readonly string[], hostCount: number): string {
  return names.length === hostCount && hostCount > 1
    ? `none of the ${hostCount} hosts can be reached`
    : `${list(names)} cannot be reached`;
}

/** Whether this plan brings a program to a host for the first time. */
export function isBeingSetUp({ steps }: Plan): boolean {
  return steps.some(
    ({ change }) =>
      change.kind === "install-packages" || (change.kind === "write-file" && change.before.kind === "absent"),
  );
}

function readinessOf({ plan, unseen }: ConditionsInput): Finding {
  // A host that is away is why its peers miss it, too.
  const blocker = plan.blockers.find(({ host }) => unseen.some((away) => away.host === host)) ?? plan.blockers[0];
  if (blocker !== undefined) {
    const more = plan.blockers.length - 1;
    return {
      status: "False",
      reason: blocker.reason,
      message: `${atHost(blocker.host, blocker.why)}${more > 0 ? ` (and ${more} more)` : ""}`,
    };
  }
  const away = unseen[0];
  if (away !== undefined) return { status: "False", reason: away.reason, message: atHost(away.host, away.message) };
  const [step] = plan.steps;
  if (step !== undefined) {
    const place = step.host === undefined ? "" : `on ${step.host} `;
    const first = wayOutAt(step.host, `${describe(step.change)}: ${step.because}`);
    return {
      status: "False",
      reason: "ChangesPending",
      message: `${plan.steps.length} to do, first ${place}${first}`,
    };
  }
  const [wait] = plan.waits;
  if (wait !== undefined) return { status: "False", reason: wait.reason, message: `waiting for ${wait.for}` };
  return { status: "True", reason: "Converged", message: "nothing to do" };
}

function progressingOf(plan: Plan): Finding {
  if (plan.blockers.some((blocker) => blocker.scope === "everything"))
    return { status: "False", reason: "Blocked", message: "waiting for a person" };
  return plan.steps.length + plan.waits.length > 0
    ? {
        status: "True",
        reason: plan.steps.length > 0 ? "ChangesPending" : "Waiting",
        message: plan.waits[0] === undefined ? `${plan.steps.length} steps` : `waiting for ${plan.waits[0].for}`,
      }
    : { status: "False", reason: "Converged", message: "" };
}

function degradedOf({ plan, unseen, available, hostCount }: ConditionsInput): Finding {
  const names = unseen.map(({ host }) => host);
  const trouble = [
    ...(names.length === 0 ? [] : [awayInWords(names, hostCount)]),
    ...plan.blockers
      .filter((blocker) => isTrouble(blocker) && !unseen.some((away) => away.host === blocker.host))
      .map(({ host, why }) => atHost(host, why)),
    ...plan.waits.filter(isTrouble).map((wait) => `waiting for ${wait.for}`),
  ];
  if (trouble.length === 0) return { status: "False", reason: "Healthy", message: "" };
  // What is not known is no outage.
  return available.status === "False"
    ? { status: "True", reason: "NotServing", message: trouble.join("; ") }
    : { status: "True", reason: "ReducedRedundancy", message: trouble.join("; ") };
}

/** A setting that is not in force takes nothing away from what serves. */
function isTrouble({ reason }: { readonly reason: Reason }): boolean {
  return !ABOUT_SETTINGS.has(reason);
}

const ABOUT_SETTINGS: ReadonlySet<string> = new Set([
  "PendingRestart",
  "RestartRefused",
  "RestartWaits",
  "RestartWouldFail",
  "ParameterOverridden",
  "ParameterRefused",
  "ParametersPending",
  "WindowClosed",
]);

function reachableOf({ unseen, hostCount }: ConditionsInput): Finding {
  const [away] = unseen;
  if (away === undefined) return { status: "True", reason: "AllReachable", message: `${hostCount} of ${hostCount}` };
  return {
    status: "False",
    reason: away.reason,
    message: unseen.map(({ host, message }) => atHost(host, message)).join("; "),
  };
}

function configAppliedOf(plan: Plan): Finding {
  const pending = plan.steps.filter(
    (step) => step.stage === "prepare" || step.stage === "services" || step.stage === "settle",
  );
  return pending.length === 0
    ? { status: "True", reason: "Loaded", message: "" }
    : { status: "False", reason: "ChangesPending", message: `${pending.length} steps` };
}

function hasStage(plan: Plan, stage: string): boolean {
  return plan.steps.some((step) => step.stage === stage);
}

/**
 * Who reads that a person is needed reads there what for, and what to do: Argo CD shows this message, and no events.
 */
function stalledOrReconciling(plan: Plan, ready: Finding): Partial<Record<ConditionType, Finding>> {
  const blocker = plan.blockers.find(({ reason }) => !healsByItself(reason));
  if (blocker === undefined) return { Reconciling: { ...ready, status: "True" } };
  const { reason, host, why, wayOut } = blocker;
  const more = plan.blockers.length - 1;
  return {
    Stalled: {
      status: "True",
      reason,
      message: `${atHost(host, why, wayOut)}${more > 0 ? ` (and ${more} more)` : ""}`,
    },
  };
}

import { describe } from "../changes/describe.ts";
import { atHost } from "../text/at-host.ts";
import type { Plan } from "../plan/plan.ts";
import { isBeingSetUp } from "./conditions.ts";
import type { Condition, ResourceStatus } from "./status.ts";

const PLAN_LINES = 100;

/**
 * The parts of a status that are the same for every kind: phase and message for people, the plan in words, what is
 * waited for.
 */
export function summaryStatus(
  conditions: readonly Condition[],
  plan: Plan,
  established = !isBeingSetUp(plan),
): Pick<ResourceStatus, "phase" | "message" | "plan"> & { readonly waiting?: { readonly for: string } } {
  const of = (type: Condition["type"]): Condition | undefined =>
    conditions.find((condition) => condition.type === type);
  const ready = of("Ready");
  const [wait] = plan.waits;
  return {
    phase: phaseOf(
      ready?.status === "True",
      of("Stalled")?.status === "True",
      of("Available")?.status === "True",
      of("Degraded")?.status === "True",
      established,
      plan,
    ),
    message: ready?.message ?? "",
    plan: plan.steps.slice(0, PLAN_LINES).map((step) => atHost(step.host, describe(step.change))),
    ...(wait === undefined ? {} : { waiting: { for: wait.for } }),
  };
}

function phaseOf(
  ready: boolean,
  stalled: boolean,
  available: boolean,
  degraded: boolean,
  established: boolean,
  plan: Plan,
): string {
  if (ready) return "Ready";
  if (!available && established) return "NotServing";
  if (stalled) return "Blocked";
  if (available && degraded) return "Degraded";
  return plan.steps.length > 0 ? "Pending" : "Progressing";
}

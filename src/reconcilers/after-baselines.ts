import type { Resource } from "../api/index.ts";
import type { Plan, Step } from "../plan/plan.ts";

interface Planned {
  readonly resource: Resource;
  readonly plan: Plan;
}

/**
 * The plans, in their order, with what baselines do to a host before what the others do there. A baseline that cannot
 * act, as a whole or on that host, is not waited for; nor does what mends something wait.
 */
export function afterBaselines(planned: readonly Planned[]): readonly Plan[] {
  const first = Map.groupBy(
    planned.flatMap(({ resource, plan }) => (resource.kind === "HostBaseline" ? freeSteps(plan) : [])),
    ({ host }) => host,
  );
  return planned.map(({ resource, plan }) => {
    if (resource.kind === "HostBaseline" || first.size === 0) return plan;
    return { ...plan, steps: plan.steps.map((step) => waiting(step, first.get(step.host) ?? [])) };
  });
}

function freeSteps({ steps, blockers }: Plan): readonly Step[] {
  const held = blockers.filter(({ scope }) => scope !== "nothing" && scope !== "disruptive");
  return steps.filter((step) => held.every(({ host }) => host !== undefined && host !== step.host));
}

function waiting(step: Step, first: readonly Step[]): Step {
  if (first.length === 0 || step.mends === true) return step;
  return { ...step, after: [...(step.after ?? []), ...first.map(({ id }) => id)] };
}

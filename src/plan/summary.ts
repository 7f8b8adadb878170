import type { Impact, Plan } from "./plan.ts";

/** A plan in numbers. */
export interface PlanSummary {
  readonly steps: number;
  /** Hosts that steps act on. */
  readonly hosts: number;
  readonly reload: number;
  readonly noticed: number;
  readonly restart: number;
  readonly disruptive: number;
  readonly waits: number;
  readonly blockers: number;
  readonly warnings: number;
}

export function summaryOf(plan: Plan): PlanSummary {
  const withImpact = (impact: Impact): number => plan.steps.filter((step) => step.impact === impact).length;
  return {
    steps: plan.steps.length,
    hosts: new Set(plan.steps.flatMap((step) => (step.host === undefined ? [] : [step.host]))).size,
    reload: withImpact("reload"),
    noticed: withImpact("noticed"),
    restart: withImpact("restart"),
    disruptive: withImpact("disruptive"),
    waits: plan.waits.length,
    blockers: plan.blockers.length,
    warnings: plan.warnings.length,
  };
}

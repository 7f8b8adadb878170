import type { Plan } from "../../plan/plan.ts";

/**
 * Of a plan, what belongs to the restart of these clusters' members: its steps, what has to come first, and what is in
 * the way. What else there is to do is for `pgha apply`; what else waits for a restart was not asked for.
 */
export function restartPart(plan: Plan, clusters: ReadonlySet<string>): Plan {
  const isOurs = ({ resource }: { readonly resource: string }): boolean => clusters.has(resource);
  const steps = plan.steps.filter(
    (step) =>
      (isOurs(step) &&
        (["restart-member", "move-member", "record-operation"].includes(step.change.kind) ||
          (step.change.kind === "switch-over" && (step.change.restarts || step.change.returns === true)))) ||
      step.change.kind === "resume-pooler" ||
      step.change.kind === "end-drain",
  );
  return {
    steps,
    waits: plan.waits.filter(isOurs),
    blockers: plan.blockers.filter(
      (blocker) => blocker.scope === "everything" || (isOurs(blocker) && blocker.scope !== "nothing"),
    ),
    warnings: plan.warnings.filter(isOurs),
  };
}

import { STAGES } from "./plan.ts";
import type { Plan, Stage, Step } from "./plan.ts";
import { mergePlans, withinBudgets } from "./wave.ts";

/**
 * The steps that several, each held by its own findings alone, take together: of what each would take next, the lowest
 * stage, as far as the budgets go that they share. `plans` are all there are: what is out of service counts, whoever
 * would bring it back, and whether that one may act or not. What comes after a step of another's waits for it while
 * that one takes steps at all.
 */
export function jointWave(
  nextOf: readonly (readonly Step[])[],
  plans: readonly Plan[],
): { readonly stage: Stage; readonly steps: readonly Step[] } {
  const { steps } = mergePlans(nextOf.map((own) => ({ steps: own, waits: [], blockers: [], warnings: [] })));
  const planned = new Set(nextOf.flatMap((own) => own.map(({ id }) => id)));
  const mending = steps.filter((step) => step.mends === true);
  for (const stage of STAGES) {
    const due = steps.filter(
      (step) => step.stage === stage && step.mends !== true && step.after?.some((id) => planned.has(id)) !== true,
    );
    const wave = withinBudgets(due, plans);
    if (wave.length > 0) return { stage, steps: stage === "record" ? wave : [...mending, ...wave] };
  }
  return { stage: "settle", steps: mending };
}

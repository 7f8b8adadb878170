import { whyInstall } from "./host.ts";
import { STAGES } from "./plan.ts";
import type { Plan, Stage, Step, Wait } from "./plan.ts";

/** The next steps that may be taken before looking again, or why there are none. */
export type Wave =
  | { readonly kind: "steps"; readonly stage: Stage; readonly steps: readonly Step[] }
  | { readonly kind: "wait"; readonly waits: readonly Wait[] }
  | { readonly kind: "blocked" }
  | { readonly kind: "done" };

/**
 * Takes the steps of the lowest stage that has any and is not held.
 *
 * A blocker with scope `everything` holds all steps of all resources: nothing is changed while the preflight of any
 * host has something to say. A blocker of one host holds the steps on that host, and every disruptive one.
 */
export function nextWave(plan: Plan): Wave {
  if (plan.blockers.some((blocker) => blocker.scope === "everything")) return { kind: "blocked" };
  const free = plan.steps.filter((step) => !isHeld(step, plan));
  for (const stage of STAGES) {
    const steps = free.filter((step) => step.stage === stage && !hasEarlierSteps(step, plan));
    if (steps.length > 0) return { kind: "steps", stage, steps };
  }
  if (plan.waits.length > 0) return { kind: "wait", waits: plan.waits };
  if (plan.blockers.length > 0 || plan.steps.length > 0) return { kind: "blocked" };
  return { kind: "done" };
}

function isHeld(step: Step, plan: Plan): boolean {
  const blocked = plan.blockers.some(
    (blocker) =>
      blocker.host === step.host ||
      blocker.host === undefined ||
      step.impact === "restart" ||
      step.impact === "disruptive",
  );
  return (
    blocked ||
    plan.waits.some(
      (wait) => wait.resource === step.resource && STAGES.indexOf(step.stage) >= STAGES.indexOf(wait.holds),
    )
  );
}

/** Within a resource stages never overtake each other, even when the earlier one is held. */
function hasEarlierSteps(step: Step, plan: Plan): boolean {
  const earlier = STAGES.slice(0, STAGES.indexOf(step.stage));
  return plan.steps.some((other) => other.resource === step.resource && earlier.includes(other.stage));
}

/** Several plans as one, in the order given. What several resources want installed on a host is installed at once. */
export function mergePlans(plans: readonly Plan[]): Plan {
  return {
    steps: withOneInstallation(plans.flatMap((plan) => plan.steps)),
    waits: plans.flatMap((plan) => plan.waits),
    blockers: plans.flatMap((plan) => plan.blockers),
    warnings: plans.flatMap((plan) => plan.warnings),
  };
}

/** apt takes its lock and reads its lists once a run, so one run a host. The first resource's step takes the others in. */
function withOneInstallation(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step, index): readonly Step[] => {
    if (step.change.kind !== "install-packages") return [step];
    const same = steps.filter(
      (other): other is Step & { readonly change: typeof step.change } =>
        other.change.kind === "install-packages" && other.host === step.host,
    );
    if (same[0] !== steps[index]) return [];
    const changes = same.map((other) => other.change);
    const maskFirst = unique(changes.flatMap((change) => change.maskFirst));
    return [
      {
        ...step,
        because: whyInstall(maskFirst),
        change: {
          kind: "install-packages",
          packages: {
            names: unique(changes.flatMap((change) => change.packages.names)),
            services: Object.assign(
              {},
              ...changes.map((change) => change.packages.services),
            ) as typeof step.change.packages.services,
            source: changes.some((change) => change.packages.source === "pgdg") ? "pgdg" : "distribution",
          },
          missing: unique(changes.flatMap((change) => change.missing)),
          maskFirst,
        },
      },
    ];
  });
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

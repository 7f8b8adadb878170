import { whyInstall } from "./host.ts";
import { STAGES } from "./plan.ts";
import type { Blocker, Plan, Stage, Step, Wait } from "./plan.ts";

/** The next steps that may be taken before looking again, or why there are none. */
export type Wave =
  | { readonly kind: "steps"; readonly stage: Stage; readonly steps: readonly Step[] }
  | { readonly kind: "wait"; readonly waits: readonly Wait[] }
  | { readonly kind: "blocked" }
  | { readonly kind: "done" };

/**
 * Takes the steps of the lowest stage that has any and is not held, as far as their budgets go. In linear time.
 *
 * A blocker with scope `everything` holds all steps of all resources: nothing is changed while the preflight of any
 * host has something to say. A blocker of one host holds the steps on that host, and those of its resource that clients
 * would notice. A blocker with scope `disruptive` holds only the latter, one with scope `nothing` none; one with scope
 * `resource` holds all of its resource, and nothing else.
 */
export function nextWave(plan: Plan): Wave {
  const mending = plan.steps.filter((step) => step.mends === true && !isHeldMending(step, plan.blockers));
  if (plan.blockers.some((blocker) => blocker.scope === "everything"))
    return mending.length > 0 ? { kind: "steps", stage: "settle", steps: mending } : { kind: "blocked" };
  const isHeld = holdOf(plan);
  const isFirst = firstStages(plan.steps);
  const free = Map.groupBy(
    plan.steps.filter((step) => step.mends !== true && isFirst(step) && !isHeld(step)),
    (step) => step.stage,
  );
  for (const stage of STAGES) {
    const steps = withinBudgets(free.get(stage) ?? [], [plan]);
    // Secrets first: what mends may need one.
    if (steps.length > 0) return { kind: "steps", stage, steps: stage === "record" ? steps : [...mending, ...steps] };
  }
  if (mending.length > 0) return { kind: "steps", stage: "settle", steps: mending };
  const waits = plan.waits.filter((wait) => !isInVain(wait, plan.blockers));
  if (waits.length > 0) return { kind: "wait", waits };
  if (plan.blockers.length > 0 || plan.steps.length > 0) return { kind: "blocked" };
  return { kind: "done" };
}

/**
 * What is waited for on a host does not come while something known is in its way there: a full disk, a proxy held by
 * hand.
 */
function isInVain({ resource, host, through }: Wait, blockers: Plan["blockers"]): boolean {
  return (
    host !== undefined &&
    blockers.some(
      (blocker) => blocker.mayPass !== true && blocker.host === host && [resource, through].includes(blocker.resource),
    )
  );
}

type Judge = (step: Step) => boolean;

/**
 * What mends is held by what its own resource says of its host, or of no host: that it is not the cluster it should be.
 */
function isHeldMending(step: Step, blockers: Plan["blockers"]): boolean {
  return blockers.some(
    ({ resource, host, scope }) =>
      resource === step.resource &&
      (scope === "resource" || (HOLDING.has(scope) && (host === undefined || host === step.host))),
  );
}

/** Scopes of blockers that hold steps whether clients notice them or not. */
const HOLDING: ReadonlySet<Blocker["scope"]> = new Set(["everything", "host"]);

/** Whether a blocker, a wait or a step before it holds a step. */
function holdOf({ steps, blockers, waits }: Plan): Judge {
  const blocked = new Set(blockers.filter(({ scope }) => HOLDING.has(scope)).map((blocker) => blocker.host));
  const unnoticed = new Set(blockers.filter(({ scope }) => scope !== "nothing").map((blocker) => blocker.resource));
  const held = new Set(blockers.filter(({ scope }) => scope === "resource").map(({ resource }) => resource));
  const planned = new Set(steps.map(({ id }) => id));
  const heldFrom = new Map<string, number>();
  for (const { resource, holds } of waits)
    heldFrom.set(resource, Math.min(heldFrom.get(resource) ?? Infinity, STAGES.indexOf(holds)));
  return (step) =>
    blocked.has(step.host) ||
    held.has(step.resource) ||
    blocked.has(undefined) ||
    (unnoticed.has(step.resource) && (step.impact === "restart" || step.impact === "disruptive")) ||
    step.after?.some((id) => planned.has(id)) === true ||
    STAGES.indexOf(step.stage) >= (heldFrom.get(step.resource) ?? Infinity);
}

/** Within a resource stages never overtake each other, even when the earlier one is held. */
function firstStages(steps: readonly Step[]): Judge {
  const first = new Map<string, number>();
  for (const { resource, stage, mends } of steps)
    if (mends !== true) first.set(resource, Math.min(first.get(resource) ?? Infinity, STAGES.indexOf(stage)));
  return (step) => STAGES.indexOf(step.stage) === first.get(step.resource);
}

/**
 * The steps whose budgets have room, in their order. Once a step of a resource on a host has to wait, so do those of
 * that resource on that host behind it: they may rest on it. What is out of service counts whichever step of the plans
 * says so, also one that may not be taken, and whichever blocker.
 */
export function withinBudgets(
  steps: readonly Step[],
  plans: readonly Pick<Plan, "steps" | "blockers">[],
): readonly Step[] {
  const away = new Map<string, Set<string | undefined>>();
  const note = (group: string, hosts: readonly (string | undefined)[]): void =>
    void away.set(group, new Set([...(away.get(group) ?? []), ...hosts]));
  for (const { steps: planned, blockers } of plans) {
    for (const { budget } of planned) if (budget !== undefined) note(budget.group, budget.away);
    for (const { outOf, host } of blockers) if (outOf !== undefined) note(outOf, [host]);
  }
  const waiting = new Set<string>();
  return steps.filter((step) => {
    const place = `${step.resource} ${step.host ?? ""}`;
    if (waiting.has(place)) return false;
    const { budget } = step;
    if (budget === undefined) return true;
    const out = away.get(budget.group) ?? new Set();
    if (!out.has(step.host) && out.size >= budget.atMost) {
      waiting.add(place);
      return false;
    }
    out.add(step.host);
    return true;
  });
}

/** Several plans as one, in the order given. What several resources want installed on a host is installed at once. */
export function mergePlans(plans: readonly Plan[]): Plan {
  return {
    steps: withOneInstallation(plans),
    waits: plans.flatMap((plan) => plan.waits),
    blockers: plans.flatMap((plan) => plan.blockers),
    warnings: plans.flatMap((plan) => plan.warnings),
  };
}

/**
 * apt takes its lock and reads its lists once a run, so one run a host. The first resource's step takes the others in,
 * those of resources that are held aside.
 */
function withOneInstallation(plans: readonly Plan[]): readonly Step[] {
  const free = plans.filter(({ blockers }) => blockers.every(({ scope }) => scope !== "resource"));
  const byHost = Map.groupBy(
    free.flatMap(({ steps }) => steps.filter(isInstallation)),
    ({ host }) => host,
  );
  return plans
    .flatMap(({ steps }) => steps)
    .flatMap((step): readonly Step[] => {
      if (!isInstallation(step)) return [step];
      const same = byHost.get(step.host) ?? [];
      if (!same.includes(step)) return [step];
      if (same[0] !== step) return [];
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
              versions: Object.assign({}, ...changes.map((change) => change.packages.versions ?? {})) as Readonly<
                Record<string, string>
              >,
              source: changes.some((change) => change.packages.source === "pgdg") ? "pgdg" : "distribution",
            },
            missing: unique(changes.flatMap((change) => change.missing)),
            maskFirst,
          },
        },
      ];
    });
}

type Installation = Step & { readonly change: Extract<Step["change"], { readonly kind: "install-packages" }> };

/** What mends is held by less than the others are, and takes nothing of theirs along. */
function isInstallation(step: Step): step is Installation {
  return step.change.kind === "install-packages" && step.mends !== true;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

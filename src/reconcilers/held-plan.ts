import { ANNOTATIONS } from "../api/annotations.ts";
import type { Resource } from "../api/index.ts";
import type { Blocker, Plan } from "../plan/plan.ts";
import { count } from "../text/words.ts";
import type { Reconcilable } from "./reconciler.ts";
import { nameOf } from "./stack.ts";

/**
 * The plan of a resource that a person wants nothing touched of: what would be done is in it, and held; nothing is
 * waited for. The others go on, whatever is in the way here. Only where Secrets would be made that its pools go by are
 * these held with it: else they would be given passwords that nobody keeps.
 */
export function heldPlan(resource: Resource, plan: Plan, reason: "Paused" | "ObserveOnly"): Plan {
  const { steps, waits } = plan;
  const mark = markOf(resource, reason);
  const name = nameOf(resource);
  const blockers = plan.blockers.map((blocker): Blocker => ({ ...blocker, scope: "resource" }));
  if (steps.length + waits.length === 0) {
    const message = `it is looked at and not touched, as ${mark} asks`;
    return { ...plan, blockers, warnings: [...plan.warnings, { resource: name, reason, message }] };
  }
  const makesSecrets = steps.some(({ change }) => change.kind === "write-secret");
  const would = steps.length === 0 ? "it is not as the spec says yet" : `${count(steps.length, "step")} would be taken`;
  return {
    ...plan,
    waits: [],
    blockers: [
      ...blockers,
      {
        resource: name,
        reason,
        why:
          `it is looked at and not touched, as ${mark} asks; ` +
          `${would}${makesSecrets ? ", and its pools go by Secrets that are among them" : ""}`,
        wayOut:
          `Take ${mark} out of the manifest to have it changed, then run again. To apply the others ` +
          "alone, leave this one as it was last applied.",
        scope: makesSecrets ? "everything" : "resource",
      },
    ],
  };
}

/** The same resource, of which nothing is written but what is pgha's own. */
export function heldAside(one: Reconcilable): Reconcilable {
  const { keep } = one;
  return keep === undefined ? one : { ...one, keep: (looks) => ({ ...keep(looks), restored: [] }) };
}

function markOf({ spec }: Resource, reason: "Paused" | "ObserveOnly"): string {
  if (reason === "ObserveOnly") return `the annotation ${ANNOTATIONS.observeOnly}`;
  return spec.paused ? "spec.paused" : `the annotation ${ANNOTATIONS.paused}`;
}

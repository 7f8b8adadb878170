import { describe as words } from "../../../../src/changes/describe.ts";
import type { Pass } from "../../../../src/reconcilers/reconcile.ts";
import type { ModelWorld } from "../../../model/model-world.ts";

export const BASE = "HostBaseline/keybuzz-base";

/** The same world, whose baseline asks for something else. */
export function asking(spec: object, model: ModelWorld): ModelWorld {
  const { stack } = model;
  return model.copy({
    ...stack,
    baselines: stack.baselines.map((one) => ({ ...one, spec: { ...one.spec, ...spec } })),
  });
}

/** What a baseline plans, a line a step. */
export function ownSteps({ plan }: Pass): readonly string[] {
  return plan.steps
    .filter(({ resource }) => resource === BASE)
    .map(({ host, change }) => `${host}: ${words(change).replaceAll(/\/etc\/\S+\//g, "")}`);
}

export const readyOf = ({ statuses }: Pass) => statuses.get(BASE)?.conditions.find(({ type }) => type === "Ready");

import type { Step } from "../../src/plan/plan.ts";
import type { RestartLeave } from "../../src/reconcilers/restart-leave.ts";
import type { World } from "../../src/reconcilers/world.ts";
import type { ModelWorld } from "./model-world.ts";

export const PENDING: NonNullable<RestartLeave["begin"]> = { id: "pgha apply", asked: false };

/** A world whose cluster has these settings besides. */
export function withParameters(model: ModelWorld, parameters: Readonly<Record<string, number | string>>): ModelWorld {
  const stack = structuredClone(model.stack);
  return model.copy({
    ...stack,
    clusters: stack.clusters.map((cluster) => {
      const { postgresql } = cluster.spec;
      const all = { ...postgresql.parameters, ...parameters };
      return { ...cluster, spec: { ...cluster.spec, postgresql: { ...postgresql, parameters: all } } };
    }),
  });
}

/** The model's world for one who lets these restarts begin. */
export function withLeave({ world }: ModelWorld, begin: RestartLeave["begin"]): World {
  return { ...world, restarts: () => ({ wayOut: "as a test lets it", ...(begin === undefined ? {} : { begin }) }) };
}

/** Members that these steps restart, in their order. */
export function restartsIn(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ change }) => {
    if (change.kind === "restart-member" || change.kind === "move-member") return [change.member];
    // Who gives the lead away comes back as another process.
    return change.kind === "switch-over" && change.restarts ? [change.from] : [];
  });
}

/** Members whose PostgreSQL is another than their first. */
export function restarted({ hosts }: ModelWorld): readonly string[] {
  return [...hosts.values()].filter(({ starts }) => starts > 1).map(({ name }) => name);
}

import type { ConvergeOptions } from "../apply/converge.ts";
import type { Outcome } from "../apply/events.ts";
import type { remove } from "../apply/remove.ts";
import type { Pass } from "../reconcilers/reconcile.ts";
import type { lookForRemoval } from "../reconcilers/removal/look.ts";
import type { Stack } from "../reconcilers/stack.ts";
import type { World } from "../reconcilers/world.ts";
import type { OpenWorld, WorldOptions } from "./world.ts";

/** The engine as the commands see it. Given to them, so that a test can run them without hosts. */
export interface Services {
  readonly openWorld: (options: WorldOptions) => Promise<OpenWorld>;
  readonly lookAndPlan: (stack: Stack, world: World) => Promise<Pass>;
  readonly converge: (
    stack: Stack,
    world: World,
    options: ConvergeOptions,
  ) => Promise<{ readonly outcome: Outcome; readonly pass: Pass }>;
  readonly lookForRemoval: typeof lookForRemoval;
  readonly remove: typeof remove;
}

/** The real ones, loaded when first called: `pgha version` is not to wait for an SSH library. */
export const lazyServices: Services = {
  openWorld: async (options) => (await import("./world.ts")).openWorld(options),
  lookAndPlan: async (stack, world) => (await import("../reconcilers/reconcile.ts")).lookAndPlan(stack, world),
  converge: async (stack, world, options) => (await import("../apply/converge.ts")).converge(stack, world, options),
  lookForRemoval: async (...words) => (await import("../reconcilers/removal/look.ts")).lookForRemoval(...words),
  remove: async (...words) => (await import("../apply/remove.ts")).remove(...words),
};

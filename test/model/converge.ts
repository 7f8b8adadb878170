import { STAGES } from "../../src/plan/plan.ts";
import type { Plan, Step } from "../../src/plan/plan.ts";
import { passOver } from "../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../src/reconcilers/reconcile.ts";
import { keepSecrets, recordSeen } from "../../src/reconcilers/record.ts";
import { ModelWorld } from "./model-world.ts";
import { withOwnStore } from "./own-store.ts";
import { sampleStack } from "./sample-stack.ts";

/** One pass over a model world, with what it records. */
export async function planOf(model: ModelWorld): Promise<Pass> {
  const look = async (): Promise<Pass> => passOver(model.stack, model.world, model.looks());
  const pass = await look();
  await recordSeen(pass, model.world.store);
  return (await keepSecrets(pass, model.world.store)) ? look() : pass;
}

/** The order in which waves take steps. */
export function inOrder({ steps }: Plan): readonly Step[] {
  return STAGES.flatMap((stage) => steps.filter((step) => step.stage === stage));
}

/**
 * Takes all steps one by one, planning anew after each; `check` sees every new plan beside what was left of the last
 * one.
 */
export async function takeAll(
  model: ModelWorld,
  check: (now: readonly Step[], rest: readonly Step[], taken: Step) => void = () => undefined,
): Promise<Pass> {
  let pass = await planOf(model);
  for (let [step, ...rest] = inOrder(pass.plan); step !== undefined; [step, ...rest] = inOrder(pass.plan)) {
    await model.take(step, pass);
    pass = await planOf(model);
    check(inOrder(pass.plan), rest, step);
  }
  return pass;
}

/** Patroni writes pg_hba.conf as it takes its configuration in: whoever wrote into it before did so in vain. */
export function isDoneBy(taken: Step, { host, change }: Step): boolean {
  return taken.change.kind === "reload-unit" && change.kind === "restore-hba" && host === taken.host;
}

/** The sample stack's world after everything was done, which comes about once: each has one like it. */
export async function convergedWorld(): Promise<ModelWorld> {
  converged ??= converge();
  return withOwnStore(await converged);
}

let converged: Promise<ModelWorld> | undefined;

async function converge(): Promise<ModelWorld> {
  const model = new ModelWorld(sampleStack());
  await takeAll(model);
  return model;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { SYSTEM_ID } from "../../../src/credentials/index.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { memoryStore } from "../../../src/state/memory-store.ts";
import { convergedWorld, planOf, takeAll } from "../../model/converge.ts";
import { ModelWorld, SYSTEM_ID as HERE } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const pristine = await convergedWorld();

/** A resource that was declared again: nothing is recorded of it, and the Secrets of its name say whose they are. */
async function passOn(model: ModelWorld, systemId: string, isOurs = true): Promise<Pass> {
  const kept = [...(await pristine.world.store.readSecrets()).values()].map((secret) => ({
    ...secret,
    annotations: { [SYSTEM_ID]: systemId },
    labels: isOurs ? secret.labels : {},
  }));
  const store = memoryStore(kept);
  return planOf(
    Object.assign(model.copy(), { world: { ...pristine.world, store, secrets: () => store.readSecrets() } }),
  );
}

test("declared again over its own data, a cluster goes on with the passwords it had", async () => {
  const { plan } = await passOn(pristine, HERE);
  assert.deepEqual([plan.blockers, plan.steps], [[], []]);
});

test("declared again over data that was stopped, a cluster starts with the passwords it had", async () => {
  const store = memoryStore(
    [...(await pristine.world.store.readSecrets()).values()].map((secret) => ({
      ...secret,
      annotations: { [SYSTEM_ID]: HERE },
    })),
  );
  const before = await store.readSecrets();
  const model = pristine.copy();
  for (const host of model.hosts.values()) {
    host.active.clear();
    host.enabled.clear();
  }
  const again = Object.assign(model, { world: { ...pristine.world, store, secrets: () => store.readSecrets() } });
  const { plan } = await takeAll(again);
  assert.deepEqual(plan, { steps: [], waits: [], blockers: [], warnings: [] });
  assert.deepEqual(await store.readSecrets(), before);
  assert.deepEqual(again.roles, pristine.roles);
});

test("on hosts without data nothing is bootstrapped over the only copy of another data's passwords", async () => {
  const { plan } = await passOn(new ModelWorld(sampleStack()), HERE);
  assert.deepEqual(
    plan.blockers.map(({ reason }) => reason),
    ["SecretsOfOtherData"],
  );
  assert.equal(nextWave(plan).kind, "blocked");
  assert.match(plan.blockers[0]?.why ?? "", new RegExp(HERE));
});

test("hosts with other data are not given these passwords", async () => {
  const { plan } = await passOn(pristine, "7399999999999999999");
  assert.ok(plan.blockers.some(({ reason, scope }) => reason === "SecretsOfOtherData" && scope === "everything"));
});

test("what a person made says nothing, whatever is written on it", async () => {
  assert.deepEqual((await passOn(new ModelWorld(sampleStack()), HERE, false)).plan.blockers, []);
});

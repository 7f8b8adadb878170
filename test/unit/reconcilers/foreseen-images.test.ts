import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { restartsInApprovedPlan } from "../../../src/cli/restarts.ts";
import type { Step } from "../../../src/plan/plan.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { recordSeen } from "../../../src/reconcilers/record.ts";
import type { Stack } from "../../../src/reconcilers/stack.ts";
import { takeAll } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { PENDING, restartsIn, withLeave } from "../../model/restarts.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const OLD = `sha256:${"a".repeat(64)}`;
const NEW = `sha256:${"b".repeat(64)}`;
const REFERENCE = `registry.example.com:5000/team/any@${NEW}`;
const UNBUILT = `sha256:${"0".repeat(64)}`;
const HOSTS = ["db-master-01", "db-slave-01", "db-slave-02", "proxy-01", "proxy-02"];
const ORDER = ["db-slave-01", "db-slave-02", "db-master-01", "db-master-01"];

function stackOf(image: Readonly<Record<string, unknown>>): Stack {
  const stack = structuredClone(sampleStack());
  for (const { spec } of [...stack.clusters, ...stack.haproxyPools, ...stack.pgbouncerPools])
    Object.assign(spec, { runtime: "container", container: { image } });
  return stack;
}

const pristine = new ModelWorld(stackOf({ id: OLD }));
await takeAll(pristine);
const atFirst = await pristine.world.store.readRecord("PostgresHACluster", "keybuzz-pg");

/** The same stack once it asks for another image, which no host has. */
async function asking(image: Readonly<Record<string, unknown>>, lacks: string): Promise<ModelWorld> {
  // The model's copies share what is recorded.
  await pristine.world.store.writeRecord("PostgresHACluster", "keybuzz-pg", atFirst);
  const model = pristine.copy(stackOf(image));
  for (const host of HOSTS) model.host(host).absent = [lacks];
  return model;
}

/** Restarts of services of pools, by host and unit. */
function poolsIn(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ host, change }) => (change.kind === "restart-unit" ? [`${host} ${change.unit}`] : []));
}

describe("an image that is still to come", () => {
  for (const [how, image, lacks, says] of [
    [
      "pulled",
      { reference: REFERENCE },
      REFERENCE,
      /it runs from the image a{12}, and is to run from registry\S+, which/,
    ],
    [
      "built",
      { build: { base: "debian:13" } },
      UNBUILT,
      /it runs from the image a{12}, and is to run from one that is to/,
    ],
  ] as const)
    it(`to be ${how} has its restarts in the plan before, in their order, and who notices`, async () => {
      const model = await asking(image, lacks);
      const { plan } = await passOver(model.stack, withLeave(model, PENDING), model.looks());
      assert.deepEqual(restartsIn(plan.steps), ORDER);
      for (const step of plan.steps.filter(({ change }) => change.kind === "restart-member")) {
        assert.match(step.because, says);
        assert.notEqual(step.noticed ?? "", "");
      }
      assert.deepEqual(poolsIn(plan.steps), [
        "proxy-01 pgha-haproxy.service",
        "proxy-02 pgha-haproxy.service",
        "proxy-01 pgha-pgbouncer.service",
        "proxy-02 pgha-pgbouncer.service",
      ]);
      const wave = nextWave(plan);
      assert.ok(wave.kind === "steps" && wave.stage === "prepare", "nobody is touched before it is there");
    });

  it("is brought and taken by one approved plan, members one after the other, and nothing is left then", async () => {
    const model = await asking({ reference: REFERENCE }, REFERENCE);
    const restarts = restartsInApprovedPlan();
    const world = { ...model.world, restarts: restarts.leave };
    const done: string[] = [];
    let first: Pass | undefined;
    for (let round = 0; round < 80; round += 1) {
      const pass = await passOver(model.stack, world, model.looks());
      await recordSeen(pass, world.store);
      if (first === undefined) restarts.close(pass.plan);
      first ??= pass;
      const wave = nextWave(pass.plan);
      if (wave.kind !== "steps") {
        assert.deepEqual([wave.kind, pass.plan.blockers], ["done", []]);
        break;
      }
      const restarted = restartsIn(wave.steps);
      if (restarted.length > 0) {
        assert.equal(wave.steps.length, 1);
        for (const host of HOSTS) assert.deepEqual(model.host(host).absent, [], "every host has it before");
      }
      done.push(...restarted);
      for (const step of wave.steps) await model.take(step, pass);
    }
    assert.deepEqual(done, ORDER);
  });

  it("decides nothing while it is not there, so that what does not come leaves nothing behind", async () => {
    const model = await asking({ reference: REFERENCE }, REFERENCE);
    const pass = await passOver(model.stack, withLeave(model, PENDING), model.looks());
    assert.ok(!pass.plan.steps.some(({ change }) => change.kind === "record-operation"));
    assert.deepEqual(
      pass.plan.waits.map(({ reason, for: what }) => `${reason} ${what}`),
      ["RestartWaits the image to be there"],
    );
  });

  it("waits as a restart for who has no leave for it, and is brought meanwhile", async () => {
    const model = await asking({ reference: REFERENCE }, REFERENCE);
    const { plan, statuses } = await passOver(model.stack, model.world, model.looks());
    assert.deepEqual(restartsIn(plan.steps), []);
    assert.deepEqual(
      plan.blockers.map(({ reason, host, scope }) => `${reason} ${host} ${scope}`),
      ["db-master-01", "db-slave-01", "db-slave-02"].map((host) => `PendingRestart ${host} nothing`),
    );
    const conditions = statuses.get("PostgresHACluster/keybuzz-pg")?.conditions;
    assert.equal(conditions?.find(({ type }) => type === "PendingRestart")?.status, "True");
    const wave = nextWave(plan);
    assert.deepEqual(
      wave.kind === "steps" && new Set(wave.steps.map(({ change }) => change.kind)),
      new Set(["pull-image"]),
    );
  });

  for (const [how, image] of [
    ["is there, and has not said yet what is in it,", { engine: true, present: true, id: NEW, isPending: true }],
    ["nobody could be asked for in time", { engine: false, id: NEW }],
  ] as const)
    it(`that ${how} is foreseen as well, so that one plan has every restart`, async () => {
      const model = await asking({ id: NEW }, "");
      const looks = new Map(
        [...model.looks()].map(([name, hosts]) => [
          name,
          new Map(
            [...hosts].map(([host, look]) => [
              host,
              (look.seen && host === "db-slave-01"
                ? { ...look, facts: { ...(look.facts as object), image } }
                : look) as never,
            ]),
          ),
        ]),
      );
      const { plan } = await passOver(model.stack, withLeave(model, PENDING), looks);
      assert.deepEqual(restartsIn(plan.steps), ORDER);
      assert.ok(!plan.steps.some(({ change }) => change.kind === "record-operation"));
      const wave = nextWave(plan);
      assert.ok(wave.kind === "steps" && wave.stage === "prepare" && restartsIn(wave.steps).length === 0);
    });

  it("that turns out to be the one that runs restarts nobody", async () => {
    const same = `registry.example.com:5000/team/any@${OLD}`;
    const model = await asking({ reference: same }, same);
    const pass = await passOver(model.stack, model.world, model.looks());
    for (const step of pass.plan.steps.filter(({ change }) => change.kind === "pull-image"))
      await model.take(step, pass);
    const { plan } = await passOver(model.stack, withLeave(model, PENDING), model.looks());
    assert.deepEqual(plan.steps, []);
  });
});

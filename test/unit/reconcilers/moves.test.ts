import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PATRONI, PATRONI_INSIDE } from "../../../src/desired/services.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import { recordSeen } from "../../../src/reconcilers/record.ts";
import type { Stack } from "../../../src/reconcilers/stack.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { planOf, takeAll } from "../../model/converge.ts";
import { SAME_LIBRARIES } from "../../model/model-move.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { PENDING, restartsIn, withLeave } from "../../model/restarts.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { withOwnStore } from "../../model/own-store.ts";

const IMAGE = `sha256:${"a".repeat(64)}`;
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];
const PGDATA = "/opt/keybuzz/postgres/data/pgdata";

function inContainers(): Stack {
  const stack = structuredClone(sampleStack());
  for (const { spec } of stack.clusters)
    Object.assign(spec, { runtime: "container", container: { image: { id: IMAGE } } });
  return stack;
}

async function converged(stack: Stack): Promise<ModelWorld> {
  const model = new ModelWorld(stack);
  await takeAll(model);
  return model;
}

const WAYS = {
  "into containers": { from: await converged(sampleStack()), to: inContainers(), owner: "70", unit: PATRONI_INSIDE },
  "back out of containers": {
    from: await converged(inContainers()),
    to: sampleStack(),
    owner: "postgres",
    unit: PATRONI,
  },
} as const;

/** One pass that may begin restarts. */
async function look(model: ModelWorld): Promise<Pass> {
  const pass = await passOver(model.stack, withLeave(model, PENDING), model.looks());
  await recordSeen(pass, model.world.store);
  return pass;
}

/** Waves until nothing is left, with every step that was taken. */
async function apply(model: ModelWorld, isKilled: (change: string) => boolean = () => false): Promise<Pass> {
  for (let round = 0; round < 60; round += 1) {
    const pass = await look(model);
    const wave = nextWave(pass.plan);
    if (wave.kind !== "steps") {
      if (pass.plan.waits.length === 0) return pass;
      model.settle();
      continue;
    }
    for (const step of wave.steps) {
      model.begin(step);
      if (isKilled(`${step.host ?? ""} ${step.change.kind}`)) return pass;
      await model.end(step, pass);
      model.settle();
    }
  }
  throw new Error("it does not end");
}

for (const [way, { from, to, owner, unit }] of Object.entries(WAYS))
  describe(`members that move ${way}`, () => {
    const moved = async (): Promise<ModelWorld> => withOwnStore(from.copy(to));

    it("wait for a restart to be let happen, say so, and are touched by nothing else meanwhile", async () => {
      const { plan, statuses } = await planOf(await moved());
      const steps = plan.steps.filter(({ host = "" }) => MEMBERS.includes(host));
      assert.deepEqual(
        [...new Set(steps.map(({ change }) => change.kind))].toSorted(),
        way === "into containers" ? [] : ["arrange-units", "install-packages", "write-file"],
      );
      assert.ok(steps.every(({ impact }) => impact === "none"));
      const status = statuses.get("PostgresHACluster/keybuzz-pg");
      const pending = status?.conditions.find(({ type }) => type === "PendingRestart");
      assert.match(pending?.message ?? "", /Patroni is to run in another place: (.*) instead of (.*)/);
      assert.notEqual(status?.conditions.find(({ type }) => type === "Ready")?.status, "True");
    });

    it("go one at a time, who leads last and once another leads, in words that say what happens", async () => {
      const { plan } = await look(await moved());
      assert.deepEqual(restartsIn(plan.steps), ["db-slave-01", "db-slave-02", "db-master-01", "db-master-01"]);
      const steps = plan.steps.filter(({ change }) => change.kind === "move-member");
      assert.equal(steps.length, 3);
      assert.ok(steps.every(({ impact, budget }) => impact === "restart" && budget?.atMost === 1));
      assert.match(steps[0]?.noticed ?? "", /sessions on this replica end/);
    });

    it("keep their data and come to be what a fresh cluster is there, and then nothing is left to do", async () => {
      const model = await moved();
      const ids = MEMBERS.map((name) => model.host(name).systemId);
      const { plan, statuses } = await apply(model);
      assert.deepEqual([plan.steps, plan.waits, plan.blockers], [[], [], []]);
      const ready = statuses.get("PostgresHACluster/keybuzz-pg")?.conditions.find(({ type }) => type === "Ready");
      assert.equal(ready?.status, "True");
      for (const name of MEMBERS) {
        const host = model.host(name);
        assert.deepEqual([host.directories.get(PGDATA)?.owner, host.files.get(PATRONI.config)?.owner], [owner, owner]);
        assert.ok(host.files.has(unit.unitFile), name);
        const other = unit === PATRONI ? PATRONI_INSIDE : PATRONI;
        assert.ok(!host.files.has(other.unitFile), `${name} has one unit`);
      }
      assert.deepEqual(
        MEMBERS.map((name) => model.host(name).systemId),
        ids,
      );
      assert.equal(model.bootstraps, 1);
    });

    it("go on where the host of one loses its power in the middle", async () => {
      const model = await moved();
      await apply(model, (what) => what === "db-slave-02 move-member");
      model.host("db-slave-02").crash();
      model.host("db-slave-02").boot();
      assert.ok(!model.host("db-slave-02").active.has(PATRONI.unit));
      const kinds: string[] = [];
      const { plan } = await apply(model, (what) => {
        kinds.push(what);
        return false;
      });
      assert.deepEqual([plan.steps, plan.waits, plan.blockers], [[], [], []]);
      const own = kinds.filter((kind) => kind.startsWith("db-slave-02 "));
      assert.ok(own.includes("db-slave-02 own-data") && own.includes("db-slave-02 start-unit"), own.join());
      assert.ok(!own.includes("db-slave-02 make-directory") || own.indexOf("db-slave-02 own-data") >= 0);
    });

    it("are refused by name where text would be ordered by another library, and go on as they are", async () => {
      const model = await moved();
      const uses = [{ database: "keybuzz", provider: "libc", locale: "en_US.UTF-8", version: "2.36" }] as const;
      for (const name of MEMBERS)
        model.host(name).base.libraries = { ...SAME_LIBRARIES, host: { libc: "glibc 2.36", locales: [] }, uses };
      const { plan } = await look(model);
      const found = plan.blockers.filter(({ reason }) => reason === "CollationChanges");
      assert.deepEqual(
        found.map(({ host, scope }) => `${host} ${scope}`),
        MEMBERS.map((name) => `${name} disruptive`),
      );
      assert.match(found[0]?.why ?? "", /the host itself has glibc 2\.36/);
      assert.match(found[0]?.why ?? "", /the image a{12} has glibc 2\.41/);
      assert.match(found[0]?.why ?? "", /wrong there: the database keybuzz \(libc en_US\.UTF-8, noted with 2\.36\)$/);
      assert.deepEqual(restartsIn(plan.steps), []);
      assert.ok(!plan.steps.some(({ change }) => change.kind === "record-operation"));
    });

    it("are let go where nothing goes by that library", async () => {
      const model = await moved();
      for (const name of MEMBERS)
        model.host(name).base.libraries = { ...SAME_LIBRARIES, host: { libc: "glibc 2.36", locales: [] } };
      const { plan } = await look(model);
      assert.equal(restartsIn(plan.steps).length, 4);
    });

    it("wait until it is known what orders text there", async () => {
      const model = await moved();
      model.host("db-slave-02").base.libraries = { ...SAME_LIBRARIES, isAsked: false };
      const { plan, statuses } = await look(model);
      assert.deepEqual(
        plan.waits.map(({ reason, host }) => `${reason} ${host}`),
        ["HostSlow db-slave-02"],
      );
      assert.deepEqual(restartsIn(plan.steps), []);
      const ready = statuses.get("PostgresHACluster/keybuzz-pg")?.conditions.find(({ type }) => type === "Ready");
      assert.notEqual(ready?.status, "True");
    });
  });

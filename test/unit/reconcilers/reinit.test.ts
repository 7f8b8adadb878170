import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextWave } from "../../../src/plan/wave.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld, planOf, takeAll } from "../../model/converge.ts";
import { HAPPENINGS } from "../../model/happenings.ts";
import type { ModelWorld } from "../../model/model-world.ts";
import { withParameters } from "../../model/restarts.ts";
import { withOwnStore } from "../../model/own-store.ts";
import { withPatroni } from "../../model/worlds.ts";

const converged = await convergedWorld();
const SLAVE = "db-slave-02";

/** A world with a record of its own, in which this happened to these. */
async function worldWith(
  what: "does not start its PostgreSQL any more" | "leaves its leader's history",
  autoReinit: "enabled" | "disabled" = "enabled",
  ...hosts: readonly string[]
): Promise<ModelWorld> {
  const model = withPatroni(await withOwnStore(converged), { autoReinit });
  for (const host of hosts.length === 0 ? [SLAVE] : hosts) HAPPENINGS[what]?.does(model, model.host(host));
  return model;
}

const FAILED = "does not start its PostgreSQL any more";
const LEFT = "leaves its leader's history";

function said({ plan }: Pass): readonly string[] {
  return plan.blockers.map(({ reason, host }) => `${reason} ${host ?? ""}`);
}

function taken({ plan }: Pass): readonly string[] {
  const wave = nextWave(plan);
  return wave.kind === "steps" ? wave.steps.map(({ id }) => id) : [wave.kind];
}

const RECORD = "controller/PostgresHACluster/keybuzz-pg/reinit";
const REINIT = `${SLAVE}/PostgresHACluster/keybuzz-pg/reinit`;

describe("a replica whose data are of no use", () => {
  it("is said with how a person copies it anew, and nothing is done, where the spec does not let it", async () => {
    for (const what of [FAILED, LEFT] as const) {
      const pass = await planOf(await worldWith(what, "disabled"));
      assert.deepEqual([pass.plan.steps, said(pass)], [[], [`ReplicaBroken ${SLAVE}`]]);
      const [blocker] = pass.plan.blockers;
      assert.match(
        blocker?.wayOut ?? "",
        /patronictl -c \/etc\/patroni\/config.yml reinit keybuzz-pg db-slave-02 .*autoReinit: enabled/,
      );
      assert.notEqual(pass.statuses.get("PostgresHACluster/keybuzz-pg")?.phase, "Ready");
    }
  });

  it("is waited for a minute where Patroni tries to start it again, and not at all where it left the history", async () => {
    const failed = await planOf(await worldWith(FAILED, "disabled"));
    const wave = nextWave(failed.plan);
    assert.deepEqual(
      wave.kind === "wait" ? wave.waits.map(({ reason, deadlineSeconds }) => [reason, deadlineSeconds]) : wave,
      [["ReplicaBroken", 60]],
    );
    const left = await planOf(await worldWith(LEFT, "disabled"));
    assert.equal(nextWave(left.plan).kind, "blocked");
  });

  it("is recorded, copied anew, and forgotten once it streams", async () => {
    for (const what of [FAILED, LEFT] as const) {
      const model = await worldWith(what);
      const pass = await planOf(model);
      assert.deepEqual(
        pass.plan.steps.map(({ id, impact }) => `${id} [${impact}]`),
        [`${RECORD} [none]`, `${REINIT} [restart]`],
      );
      assert.match(pass.plan.steps[1]?.noticed ?? "", /db-master-01 is read from one end to the other/);
      assert.deepEqual(taken(pass), [RECORD]);
      const [record, reinit] = pass.plan.steps;
      if (record === undefined || reinit === undefined) throw new TypeError("two steps");
      await model.take(record, pass);
      assert.equal((await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg")).reinit?.member, SLAVE);
      assert.deepEqual(taken(await planOf(model)), [REINIT]);
      await model.take(reinit, pass);
      const after = await planOf(model);
      assert.deepEqual([after.plan.steps, after.plan.waits, after.plan.blockers], [[], [], []]);
      assert.equal((await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg")).reinit, undefined);
      assert.equal(model.host(SLAVE).copies, 1);
    }
  });

  it("has readers led away before, where it goes on serving them and others do", async () => {
    const readersOf = async (...happened: Parameters<typeof worldWith>) => {
      const { plan } = await planOf(await worldWith(...happened));
      const step = plan.steps.find(({ change }) => change.kind === "reinit-member");
      assert.ok(step?.change.kind === "reinit-member");
      return [step.change.readers?.drains.map(({ host }) => host), step.noticed] as const;
    };
    const [drained, words = ""] = await readersOf(LEFT);
    assert.deepEqual(drained, ["proxy-01", "proxy-02"]);
    assert.match(words, /readers through HAProxy on proxy-01 and proxy-02 go to other replicas first/);
    assert.equal((await readersOf(FAILED))[0], undefined);
    const [none, alone = ""] = await readersOf(LEFT, "enabled", "db-slave-01", SLAVE);
    assert.equal(none, undefined);
    assert.match(alone, /no other replica serves readers/);
  });

  it("of two, the second comes once the first streams", async () => {
    const model = await worldWith(FAILED, "enabled", "db-slave-01", SLAVE);
    const order: string[] = [];
    const begin = model.begin.bind(model);
    model.begin = (step) => {
      if (step.change.kind === "reinit-member")
        order.push(
          `${step.host ?? ""} beside ${model.host("db-slave-01").broken ? "a broken" : "a sound"} db-slave-01`,
        );
      begin(step);
    };
    await takeAll(model);
    assert.deepEqual(order, ["db-slave-01 beside a broken db-slave-01", `${SLAVE} beside a sound db-slave-01`]);
  });

  it("is left alone while Patroni is paused, while a host cannot be looked at, and while nobody leads", async () => {
    const paused = await worldWith(FAILED);
    paused.dynamicConfiguration = { ...paused.dynamicConfiguration, pause: true };
    const blind = await worldWith(FAILED);
    blind.host("db-slave-01").reachable = false;
    for (const model of [paused, blind]) {
      const pass = await planOf(model);
      const [record] = pass.plan.steps;
      if (record?.id === RECORD) await model.take(record, pass);
      assert.ok(!taken(await planOf(model)).includes(REINIT), said(pass).join());
    }
    const led = await worldWith(FAILED);
    led.host("db-master-01").crash();
    led.host("db-slave-01").crash();
    assert.ok(!(await planOf(led)).plan.steps.some(({ id }) => id === REINIT));
  });

  it("waits for what was asked for and may be why it does not start", async () => {
    const model = withParameters(await worldWith(FAILED), { shared_buffers: "512MB" });
    const pass = await planOf(model);
    assert.ok(pass.plan.steps.some(({ change }) => change.kind === "patch-dynamic-configuration"));
    assert.ok(!pass.plan.steps.some(({ id }) => id === REINIT));
    const file = await worldWith(FAILED);
    const path = "/etc/patroni/config.yml";
    const now = file.host(SLAVE).files.get(path);
    if (now === undefined) throw new TypeError("it has that file");
    file.host(SLAVE).write(path, { ...now, content: `${now.content}# by hand\n` });
    assert.ok(!(await planOf(file)).plan.steps.some(({ id }) => id === REINIT));
  });

  it("is not copied anew a second time when that did not help", async () => {
    const model = await worldWith(FAILED);
    await model.world.store.writeRecord("PostgresHACluster", "keybuzz-pg", {
      ...(await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg")),
      reinit: { member: SLAVE, copy: "an earlier one", since: "2026-11-30T00:00:00Z" },
    });
    const pass = await planOf(model);
    assert.deepEqual([pass.plan.steps, said(pass)], [[], [`ReplicaBroken ${SLAVE}`]]);
    assert.match(pass.plan.blockers[0]?.why ?? "", /copied anew already/);
  });

  it("is kept for a person where its timeline is newer than its leader's", async () => {
    const model = await worldWith(LEFT);
    model.host(SLAVE).timeline += 1;
    const pass = await planOf(model);
    assert.deepEqual([pass.plan.steps, said(pass)], [[], [`ReplicaBroken ${SLAVE}`]]);
    assert.match(pass.plan.blockers[0]?.why ?? "", /may hold what nobody else does/);
    assert.doesNotMatch(pass.plan.blockers[0]?.wayOut ?? "", /autoReinit/);
  });
});

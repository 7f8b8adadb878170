import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { PATRONI } from "../../../src/desired/services.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { olderPatroni } from "../../../src/reconcilers/postgres-ha-cluster/older-processes.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { recordSeen } from "../../../src/reconcilers/record.ts";
import type { RestartLeave } from "../../../src/reconcilers/restart-leave.ts";
import { convergedWorld } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";
import { PENDING, restarted, restartsIn, withLeave, withParameters } from "../../model/restarts.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const pristine = await convergedWorld();

async function planWith(model: ModelWorld, begin?: RestartLeave["begin"]): Promise<Pass> {
  const pass = await passOver(model.stack, withLeave(model, begin), model.looks());
  await recordSeen(pass, model.world.store);
  return pass;
}

/** Takes the next wave; says which members it restarted. */
async function takeWave(model: ModelWorld, begin?: RestartLeave["begin"]): Promise<string> {
  const pass = await planWith(model, begin);
  const wave = nextWave(pass.plan);
  if (wave.kind !== "steps") return wave.kind;
  for (const step of wave.steps) await model.take(step, pass);
  return restartsIn(wave.steps).join(" and ");
}

/** The model's copies share what is recorded. */
const atFirst = await pristine.world.store.readRecord("PostgresHACluster", "keybuzz-pg");
const forget = async () => pristine.world.store.writeRecord("PostgresHACluster", "keybuzz-pg", atFirst);
const recorded = async (model: ModelWorld) => model.world.store.readRecord("PostgresHACluster", "keybuzz-pg");

describe("a changed setting that takes a restart", () => {
  beforeEach(forget);

  it("shows every restart that is to come, in its order, with who notices what, before anything is done", async () => {
    const { plan } = await planWith(withParameters(pristine, { max_connections: 300 }), PENDING);
    assert.deepEqual(restartsIn(plan.steps), ["db-slave-01", "db-slave-02", "db-master-01"]);
    assert.deepEqual(plan.blockers, []);
    const last = plan.steps.at(-1);
    assert.deepEqual([last?.impact, last?.host], ["disruptive", "db-master-01"]);
    assert.match(last?.noticed ?? "", /nothing of theirs fails/);
    assert.match(last?.because ?? "", /max_connections \(200, to be 300\)/);
    const wave = nextWave(plan);
    assert.deepEqual(wave.kind === "steps" && wave.steps.map(({ change }) => change.kind), ["record-operation"]);
  });

  it("is recorded, given to Patroni, and then restarted one member a look, until nothing is left of it", async () => {
    const model = withParameters(pristine, { max_connections: 300 });
    assert.equal(await takeWave(model, PENDING), "");
    assert.deepEqual(
      (await recorded(model)).operation?.members.map(({ name, asked }) => [name, asked]),
      ["db-master-01", "db-slave-01", "db-slave-02"].map((name) => [name, false]),
    );
    const order = [];
    for (let wave = await takeWave(model); wave !== "done"; wave = await takeWave(model)) order.push(wave);
    assert.deepEqual(order, ["", "db-slave-01", "db-slave-02", "db-master-01"]);
    assert.equal((await recorded(model)).operation, undefined);
  });

  it("that is taken back half-way restarts nobody else, is recorded no more, and waits again", async () => {
    const model = withParameters(pristine, { max_connections: 300 });
    for (let wave = 0; wave < 3; wave += 1) await takeWave(model, PENDING);
    assert.deepEqual(restarted(model), ["db-slave-01"]);
    const world = { ...model.world, restarts: () => ({ wayOut: "as a test lets it", withdrawn: PENDING.id }) };
    const pass = await passOver(model.stack, world, model.looks());
    assert.deepEqual(restartsIn(pass.plan.steps), []);
    await recordSeen(pass, world.store);
    assert.equal((await recorded(model)).operation, undefined);
    assert.deepEqual(
      (await planWith(model)).plan.blockers.map(({ reason, host }) => `${reason} ${host}`),
      ["PendingRestart db-master-01", "PendingRestart db-slave-02"],
    );
  });

  it("that was not let happen waits, is in nobody's way, and says how", async () => {
    const model = withParameters(pristine, { max_connections: 300 });
    while (["", "x"].includes(await takeWave(model)));
    const { plan, statuses } = await planWith(model);
    assert.deepEqual(
      plan.blockers.map(({ reason, scope }) => [reason, scope]),
      [1, 2, 3].map(() => ["PendingRestart", "nothing"]),
    );
    const condition = statuses.get(CLUSTER)?.conditions.find(({ type }) => type === "PendingRestart");
    assert.match(
      condition?.message ?? "",
      /db-master-01, db-slave-01, db-slave-02: max_connections .*; as a test lets it/,
    );
  });

  it("that turns up later is another decision than the one before it", async () => {
    const model = withParameters(pristine, { max_connections: 300 });
    await takeWave(model, { ...PENDING, members: ["db-slave-01"] });
    await takeWave(model);
    const { plan } = await planWith(model);
    assert.deepEqual(restartsIn(plan.steps), ["db-slave-01"]);
    assert.deepEqual(
      plan.blockers.map(({ reason, host }) => `${reason} ${host}`),
      ["PendingRestart db-master-01", "PendingRestart db-slave-02"],
    );
    assert.equal(await takeWave(model), "db-slave-01");
  });

  it("is refused while a member is away, in words, and nothing restarts", async () => {
    const model = withParameters(pristine, { max_connections: 300 });
    await takeWave(model, PENDING);
    await takeWave(model);
    model.host("db-slave-02").reachable = false;
    const { plan } = await planWith(model);
    const refusal = plan.blockers.find(({ reason }) => reason === "RestartRefused");
    assert.match(refusal?.why ?? "", /1 of 3 members would serve, and a majority is 2/);
    assert.equal(nextWave(plan).kind, "blocked");
    model.host("db-slave-02").reachable = true;
    assert.equal(await takeWave(model), "db-slave-01");
  });

  it("that is refused at first is not decided either, so that it does not come as a surprise later", async () => {
    const model = pristine.copy();
    model.host("db-slave-02").reachable = false;
    const asked = { id: "pgha restart", asked: true, members: ["db-slave-01"] };
    assert.equal(await takeWave(model, asked), "blocked");
    assert.equal((await recorded(model)).operation, undefined);
    model.host("db-slave-02").reachable = true;
    assert.equal(await takeWave(model), "done");
  });

  it("that is taken back ends what was decided, without a restart", async () => {
    const model = withParameters(pristine, { max_connections: 300 });
    await takeWave(model, PENDING);
    const back = withParameters(model, { max_connections: 200 });
    for (let wave = await takeWave(back); wave !== "done"; wave = await takeWave(back)) assert.equal(wave, "");
    assert.equal((await recorded(back)).operation, undefined);
  });
});

describe("a Patroni that is older than its unit, or than its package", () => {
  beforeEach(forget);

  it("waits for a restart, in nobody's way, and then restarts as a whole, the leader last", async () => {
    const model = pristine.copy();
    for (const host of model.hosts.values()) host.startedWith.delete("patroni.service");
    const { plan, statuses } = await planWith(model);
    assert.deepEqual(
      plan.blockers.map(({ reason, scope, why }) => [reason, scope, why]),
      [1, 2, 3].map(() => ["PendingRestart", "nothing", "Patroni runs since before its unit was changed"]),
    );
    assert.notEqual(statuses.get(CLUSTER)?.conditions.find(({ type }) => type === "Ready")?.status, "True");
    const allowed = await planWith(model, PENDING);
    assert.deepEqual(
      allowed.plan.steps.flatMap(({ change }) =>
        change.kind === "restart-member" ? [change.unit] : change.kind === "switch-over" ? [change.to] : [],
      ),
      ["patroni.service", "patroni.service", "db-slave-01", "patroni.service"],
    );
    const order = [await takeWave(model, PENDING)];
    for (let wave = await takeWave(model); wave !== "done"; wave = await takeWave(model)) order.push(wave);
    assert.deepEqual(order, ["", "db-slave-01", "db-slave-02", "db-master-01", "db-master-01"]);
    assert.deepEqual((await planWith(model)).plan.blockers, []);
  });

  it("is told by its version, too, where the package is a newer one", () => {
    const facts = (patroniVersion: string, patroni: string) =>
      ({ patroni: { answers: true, member: { patroniVersion } }, packages: { patroni }, units: {} }) as never;
    const desired = { members: [{ name: "a", service: { of: PATRONI } }] } as never;
    assert.equal(olderPatroni(desired, "a", facts("4.0.7", "4.0.7-1.pgdg13+1")), undefined);
    assert.equal(
      olderPatroni(desired, "a", facts("4.0.6", "4.0.7-1.pgdg13+1")),
      "Patroni 4.0.6 runs, and 4.0.7 is installed",
    );
  });
});

describe("a restart that was asked for", () => {
  beforeEach(forget);

  it(
    "is every member once, and goes on with those that are left, whoever asks again after an " + "interruption",
    async () => {
      const model = pristine.copy();
      const all = { id: "pgha restart", asked: true };
      assert.equal(await takeWave(model, all), "");
      assert.equal(await takeWave(model, all), "db-slave-01");
      const order = [];
      for (let wave = await takeWave(model, all); wave !== "" && wave !== "done"; wave = await takeWave(model, all))
        order.push(wave);
      assert.deepEqual(order, ["db-slave-02", "db-master-01"]);
      assert.deepEqual(restarted(model), ["db-master-01", "db-slave-01", "db-slave-02"]);
    },
  );

  it("by annotation is met once, and its value kept", async () => {
    const model = pristine.copy();
    await takeWave(model, { id: "restart-at 1", asked: true });
    while ((await takeWave(model)) !== "done");
    assert.deepEqual(await recorded(model), { ...(await recorded(model)), restartedAt: "1" });
    assert.deepEqual(restarted(model), ["db-master-01", "db-slave-01", "db-slave-02"]);
  });

  it("by annotation is met also where nothing waits, and is not kept for what waits later", async () => {
    const model = pristine.copy();
    while ((await takeWave(model, { id: "restart-at pending-2", asked: false })) !== "done")
      if ((await recorded(model)).restartedAt === "pending-2") break;
    const { operation, restartedAt } = await recorded(model);
    assert.deepEqual([operation, restartedAt], [undefined, "pending-2"]);
    assert.deepEqual(restarted(model), []);
  });

  it("finds an older program among what waits", async () => {
    const model = pristine.copy();
    model.host("db-slave-02").postgresqlPackage = "17.5-1";
    assert.deepEqual(restartsIn((await planWith(model, PENDING)).plan.steps), ["db-slave-02"]);
    assert.match((await planWith(model)).plan.blockers[0]?.why ?? "", /PostgreSQL 17\.4 runs, and 17\.5 is installed/);
  });
});

describe("the member that is to lead again", () => {
  beforeEach(forget);

  const preferring = (model: ModelWorld, preferredLeader: string): ModelWorld =>
    model.copy({
      ...model.stack,
      clusters: model.stack.clusters.map((cluster) => ({
        ...cluster,
        spec: { ...cluster.spec, patroni: { ...cluster.spec.patroni, preferredLeader } },
      })),
    });
  const changes = ({ plan }: Pass): readonly string[] =>
    plan.steps.flatMap(({ change }) => (change.kind === "switch-over" ? [`${change.from} to ${change.to}`] : []));

  it("does so by the last step of a restart, which is shown before, also when it is interrupted before that", async () => {
    const model = preferring(withParameters(pristine, { max_connections: 300 }), "db-master-01");
    assert.deepEqual(changes(await planWith(model, PENDING)), [
      "db-master-01 to db-slave-01",
      "db-slave-01 to db-master-01",
    ]);
    assert.equal(await takeWave(model, PENDING), "");
    const leaders: (string | undefined)[] = [];
    // Nobody lets anything begin any more: what was begun goes on.
    for (let wave = await takeWave(model); wave !== "done"; wave = await takeWave(model))
      leaders.push(model.leader(model.stack.clusters[0] as never)?.name);
    assert.deepEqual(leaders.slice(-2), ["db-slave-01", "db-master-01"]);
    assert.deepEqual([(await recorded(model)).operation, (await recorded(model)).switchover], [undefined, undefined]);
  });

  it("stays where it is when another leads for another reason, or nothing is to be restarted", async () => {
    const model = preferring(pristine.copy(), "db-slave-02");
    assert.deepEqual(changes(await planWith(model, PENDING)), []);
    assert.deepEqual(
      changes(await planWith(preferring(withParameters(pristine, { max_connections: 300 }), "db-slave-01"), PENDING)),
      ["db-master-01 to db-slave-01"],
    );
  });

  it("is not waited for by a plan, and is taken back by editing the manifest", async () => {
    const model = preferring(withParameters(pristine, { max_connections: 300 }), "db-slave-02");
    await takeWave(model, PENDING);
    for (let wave = 0; wave < 3; wave += 1) await takeWave(model);
    const without = preferring(model, "db-slave-01");
    let pass = await planWith(without);
    while (pass.plan.steps.length > 0) {
      await takeWave(without);
      pass = await planWith(without);
    }
    assert.equal((await recorded(without)).switchover, undefined);
  });
});

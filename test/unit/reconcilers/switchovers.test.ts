import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { SwitchOver } from "../../../src/changes/switch-over.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { recordSeen } from "../../../src/reconcilers/record.ts";
import type { SwitchoverLeave } from "../../../src/reconcilers/switchover-leave.ts";
import { convergedWorld } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const ASKED = { id: "pgha switchover" };
const pristine = await convergedWorld();
const { store } = pristine.world;
const atFirst = await store.readRecord("PostgresHACluster", "keybuzz-pg");
const recorded = async () => store.readRecord("PostgresHACluster", "keybuzz-pg");

async function look(model: ModelWorld, leave: SwitchoverLeave = {}): Promise<Pass> {
  const pass = await passOver(model.stack, { ...model.world, switchovers: () => leave }, model.looks());
  await recordSeen(pass, store);
  return pass;
}

/** Takes the next wave; says what it did. */
async function takeWave(model: ModelWorld, leave?: SwitchoverLeave): Promise<string> {
  const pass = await look(model, leave);
  const wave = nextWave(pass.plan);
  if (wave.kind !== "steps") return wave.kind;
  for (const step of wave.steps) await model.take(step, pass);
  return wave.steps.map(({ change }) => change.kind).join(" ");
}

function switchOverIn({ plan }: Pass): SwitchOver | undefined {
  return plan.steps.map(({ change }) => change).find((change) => change.kind === "switch-over");
}

describe("a switchover that was asked for", () => {
  beforeEach(async () => store.writeRecord("PostgresHACluster", "keybuzz-pg", atFirst));

  it("is recorded, taken in one step in which every pooler has its clients wait, and then over", async () => {
    const model = pristine.copy();
    const pass = await look(model, { begin: ASKED });
    const change = switchOverIn(pass);
    assert.deepEqual(
      [change?.from, change?.to, change?.others],
      ["db-master-01", "db-slave-01", ["db-master-01", "db-slave-02"]],
    );
    assert.deepEqual(
      change?.ways.map(({ host, proxy, pooler, write }) => [host, proxy, pooler?.port, write?.addresses]),
      ["proxy-01", "proxy-02"].map((host) => [host, true, 6432, ["127.0.0.1"]]),
    );
    assert.match(pass.plan.steps.at(-1)?.noticed ?? "", /PgBouncer on proxy-01 and proxy-02 wait/);
    assert.equal(await takeWave(model, { begin: ASKED }), "record-switchover");
    assert.equal((await recorded()).switchover?.from, "db-master-01");
    assert.equal(await takeWave(model), "switch-over");
    assert.equal(await takeWave(model), "done");
    assert.deepEqual(await recorded(), atFirst);
    assert.equal(model.host("db-slave-01").role, "primary");
  });

  it("goes on where it was, whoever asks again, and does not happen once it is taken back", async () => {
    const model = pristine.copy();
    await takeWave(model, { begin: ASKED });
    assert.equal(switchOverIn(await look(model, { begin: ASKED }))?.to, "db-slave-01");
    assert.equal((await look(model)).plan.steps.length, 1);
    assert.deepEqual((await look(model, { withdrawn: ASKED.id })).plan.steps, []);
    assert.equal((await recorded()).switchover, undefined);
  });

  it("by annotation is met once, and its value kept, also where that one leads already", async () => {
    for (const [value, to] of [
      ["db-slave-02", "db-slave-02"],
      ["db-master-01", "db-master-01"],
    ] as const) {
      const model = pristine.copy();
      await store.writeRecord("PostgresHACluster", "keybuzz-pg", atFirst);
      const begin = { id: `switchover-to ${value}`, to };
      assert.equal(await takeWave(model, { begin }), "record-switchover");
      while ((await takeWave(model, { begin: (await recorded()).switchedTo === value ? ASKED : begin })) !== "done")
        if ((await recorded()).switchedTo === value) break;
      assert.equal((await recorded()).switchedTo, value);
      assert.equal(model.host(to).role, "primary");
    }
  });

  it("writes there as a role that can, and as nobody where none can", async () => {
    const model = pristine.copy();
    const [first, second] = (switchOverIn(await look(model, { begin: ASKED }))?.ways ?? []).map(({ write }) => write);
    assert.equal(first?.role, second?.role);
    model.roles = model.roles.map((role) => (role.name === first?.role ? { ...role, verifierDigest: "other" } : role));
    const [now] = switchOverIn(await look(model, { begin: ASKED }))?.ways ?? [];
    assert.ok(now?.write !== undefined && now.write.role !== first?.role);
    model.roles = [];
    assert.equal(switchOverIn(await look(model, { begin: ASKED }))?.ways[0]?.write, undefined);
  });

  it("waits for nobody where the pool is by session, and says that its clients are disconnected", async () => {
    const model = pristine.copy();
    const ini = "/etc/pgha/pgbouncer/pgbouncer.ini";
    for (const name of ["proxy-01", "proxy-02"]) {
      const host = model.host(name);
      const loaded = new Map(host.loaded.get("pgha-pgbouncer.service"));
      loaded.set(ini, (loaded.get(ini) ?? "").replace("pool_mode = transaction", "pool_mode = session"));
      host.loaded.set("pgha-pgbouncer.service", loaded);
    }
    const pass = await look(model, { begin: ASKED });
    assert.deepEqual(
      switchOverIn(pass)?.ways.map(({ pooler, proxy }) => [pooler, proxy]),
      [1, 2].map(() => [undefined, true]),
    );
    assert.match(
      pass.plan.steps.find(({ change }) => change.kind === "switch-over")?.noticed ?? "",
      /PgBouncerPool\/\S+ pools by session: its clients are disconnected/,
    );
  });
});

describe("a pooler that is found paused", () => {
  beforeEach(async () => store.writeRecord("PostgresHACluster", "keybuzz-pg", atFirst));

  it("by pgha is resumed before anything else, whatever is in the way", async () => {
    const model = pristine.copy();
    model.host("proxy-02").paused = { by: "pgha" };
    model.host("db-slave-02").reachable = false;
    const pass = await look(model);
    const wave = nextWave(pass.plan);
    assert.deepEqual(wave.kind === "steps" && wave.steps.map(({ change, host }) => [change.kind, host]), [
      ["resume-pooler", "proxy-02"],
    ]);
    assert.ok(!pass.plan.blockers.some(({ reason }) => reason === "PoolerHeld"));
    assert.equal(await takeWave(model), "resume-pooler");
    assert.equal(model.host("proxy-02").paused, undefined);
  });

  it("by a person is left so, and nothing is switched over", async () => {
    const model = pristine.copy();
    model.host("proxy-02").paused = { by: "a person" };
    const { plan } = await look(model, { begin: ASKED });
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(plan.blockers.map(({ reason }) => reason).toSorted(), ["PoolerHeld", "SwitchoverRefused"]);
    assert.equal((await recorded()).switchover, undefined);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { World } from "../../../src/reconcilers/world.ts";
import { convergedWorld } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";
import { PENDING, withLeave, withParameters } from "../../model/restarts.ts";
import { withPools } from "../../model/worlds.ts";

const pristine = await convergedWorld();
/** A Tuesday, as the model's clock has it: 2023-11-14T22:13:20Z. */
const SATURDAYS = { schedule: "0 3 * * SAT", durationMinutes: 120, timeZone: "UTC" };
const TUESDAYS = { schedule: "0 22 * * TUE", durationMinutes: 120, timeZone: "UTC" };

function changed(window: typeof SATURDAYS): ModelWorld {
  const model = withParameters(pristine, { max_connections: 300, work_mem: "5MB" });
  const pools = withPools(model.stack, { pgbouncer: { port: 6433 }, haproxy: { statsNetworks: ["10.9.0.0/16"] } });
  return model.copy({
    ...pools,
    clusters: pools.clusters.map((cluster) => ({
      ...cluster,
      spec: { ...cluster.spec, maintenance: { windows: [window] } },
    })),
  });
}

async function planOf(model: ModelWorld, world: Partial<World> = {}) {
  return passOver(model.stack, { ...withLeave(model, PENDING), ...world }, model.looks());
}

describe("outside of a maintenance window", () => {
  it("what clients notice waits for the next, which is said with its time, and all else is done", async () => {
    const model = changed(SATURDAYS);
    const kinds = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const pass = await planOf(model);
      const wave = nextWave(pass.plan);
      if (wave.kind !== "steps") {
        assert.equal(wave.kind, "blocked");
        break;
      }
      for (const step of wave.steps) {
        kinds.add(step.change.kind);
        assert.ok(!["restart", "disruptive"].includes(step.impact), step.id);
        await model.take(step, pass);
      }
    }
    for (const kind of ["patch-dynamic-configuration", "reload-unit"]) assert.ok(kinds.has(kind), kind);
    const { plan, statuses } = await planOf(model);
    const closed = plan.blockers.filter(({ reason }) => reason === "WindowClosed");
    assert.deepEqual(
      closed.map(({ resource }) => resource.split("/")[0]),
      ["PostgresHACluster", "PgBouncerPool"],
    );
    assert.ok(closed.every(({ why }) => why.includes("2023-11-18T03:00:00Z")));
    const ready = statuses.get("PostgresHACluster/keybuzz-pg")?.conditions.find(({ type }) => type === "Ready");
    assert.deepEqual([ready?.status, ready?.reason], ["False", "WindowClosed"]);
    assert.match(ready?.message ?? "", /2023-11-18T03:00:00Z/);
    const types = statuses.get("PostgresHACluster/keybuzz-pg")?.conditions ?? [];
    assert.equal(types.find(({ type }) => type === "Degraded")?.status, "False", "nothing is broken");
    assert.equal(
      types.some(({ type }) => type === "Stalled"),
      false,
      "nobody has to do anything",
    );
  });

  it("it is done in the window, and whenever somebody says so", async () => {
    for (const [model, world] of [
      [changed(TUESDAYS), {}],
      [changed(SATURDAYS), { outsideWindows: () => true }],
    ] as const) {
      const { plan } = await planOf(model, world);
      assert.deepEqual(plan.blockers, []);
      assert.ok(plan.steps.some(({ impact }) => impact === "disruptive"));
    }
  });

  it("where nothing is to be done that clients notice, nothing is said", async () => {
    const { stack } = pristine;
    const clusters = stack.clusters.map((cluster) => ({
      ...cluster,
      spec: { ...cluster.spec, maintenance: { windows: [SATURDAYS] } },
    }));
    const model = pristine.copy({ ...stack, clusters });
    assert.deepEqual((await planOf(model)).plan.blockers, []);
  });
});

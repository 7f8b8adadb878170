import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SHARED_SETTINGS } from "../../src/plan/operations/restart-order.ts";
import { nextWave } from "../../src/plan/wave.ts";
import { passOver } from "../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../src/reconcilers/reconcile.ts";
import { recordSeen } from "../../src/reconcilers/record.ts";
import type { RestartLeave } from "../../src/reconcilers/restart-leave.ts";
import { NOTHING_RECORDED } from "../../src/state/index.ts";
import { convergedWorld } from "../model/converge.ts";
import type { ModelWorld } from "../model/model-world.ts";
import { restarted, restartsIn, withLeave, withParameters } from "../model/restarts.ts";
import { worldsOf } from "../model/worlds.ts";

const pristine = await convergedWorld();
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];
const before = await pristine.world.store.readRecord("PostgresHACluster", "keybuzz-pg");

async function look(model: ModelWorld, begin: RestartLeave["begin"]): Promise<Pass> {
  const pass = await passOver(model.stack, withLeave(model, begin), model.looks());
  await recordSeen(pass, model.world.store);
  return pass;
}

/** No standby runs with less than the leader: it would stop replaying, or stop. */
function assertNobodyStops({ hosts }: ModelWorld): void {
  const at = (host: string, name: string) => Number(hosts.get(host)?.parametersAtStart?.[name]);
  for (const name of SHARED_SETTINGS)
    for (const standby of MEMBERS.slice(1))
      assert.ok(at(standby, name) >= at("db-master-01", name), `${standby} has less ${name} than the leader`);
}

const changes = fc.record(
  {
    max_connections: fc.constantFrom(150, 300),
    max_worker_processes: fc.constantFrom(4, 16),
    max_wal_senders: fc.constantFrom(9, 20),
    shared_buffers: fc.constantFrom("128MB", "512MB"),
    work_mem: fc.constantFrom("5MB"),
  },
  { requiredKeys: [] },
);

test(
  "whatever changes, and whoever is killed when: one member at a time, no standby below its leader, all " +
    "in force at last",
  async () => {
    const killed = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(changes, fc.boolean(), killed, async (parameters, asked, kills) => {
        const begin = { id: "pgha restart", asked };
        const model = withParameters(pristine, parameters);
        await model.world.store.writeRecord("PostgresHACluster", "keybuzz-pg", before ?? NOTHING_RECORDED);
        let leave: RestartLeave["begin"] = begin;
        let rest: readonly string[] | undefined;
        for (let round = 0; ; round += 1) {
          assert.ok(round < 40, "it comes to an end");
          const { plan, ...pass } = await look(model, leave);
          const coming = restartsIn(plan.steps);
          if (rest !== undefined) assert.deepEqual(coming, rest, "the plan is the rest of the one before");
          const wave = nextWave(plan);
          if (wave.kind === "done") break;
          assert.equal(wave.kind, "steps", JSON.stringify({ waits: plan.waits, blockers: plan.blockers }));
          if (wave.kind !== "steps") return;
          const now = restartsIn(wave.steps);
          assert.ok(now.length <= 1, `${now.join(" and ")} at a time`);
          rest = coming.slice(now.length);
          for (const step of wave.steps) await model.take(step, { plan, ...pass });
          assertNobodyStops(model);
          // Whoever was killed begins anew; nobody else decides anything any more once the first plan was approved.
          const isOver = rest.length === 0;
          leave = kills[round] === true && !isOver ? begin : undefined;
        }
        for (const host of MEMBERS)
          for (const [name, value] of Object.entries(parameters))
            assert.deepEqual(model.host(host).parametersAtStart?.[name] === value || name === "work_mem", true, name);
        if (asked) assert.deepEqual(restarted(model), MEMBERS);
        const { operation } = await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg");
        assert.equal(operation, undefined);
      }),
      worldsOf(12),
    );
  },
);

test("while any member is away, no member restarts, and it is said why", async () => {
  await fc.assert(
    fc.asyncProperty(changes, fc.constantFrom(...MEMBERS.slice(1)), async (parameters, host) => {
      await pristine.world.store.writeRecord("PostgresHACluster", "keybuzz-pg", before);
      const model = withParameters(pristine, { ...parameters, max_locks_per_transaction: 128 });
      model.host(host).reachable = false;
      for (let round = 0; round < 12; round += 1) {
        const pass = await look(model, { id: "pgha restart", asked: true });
        const wave = nextWave(pass.plan);
        if (wave.kind !== "steps") break;
        assert.deepEqual(restartsIn(wave.steps), []);
        for (const step of wave.steps) await model.take(step, pass);
      }
      const { plan } = await look(model, { id: "pgha restart", asked: true });
      assert.notDeepEqual(plan.blockers, []);
      assert.deepEqual(restarted(model), []);
    }),
    worldsOf(6),
  );
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lastingOf } from "../../../src/api/index.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { formerPoolBlockers, formerPools } from "../../../src/reconcilers/former-pools.ts";
import { resourcesOf } from "../../../src/reconcilers/stack.ts";
import type { Stack } from "../../../src/reconcilers/stack.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const pristine = await convergedWorld();

/** What the command line writes down once all is in force. */
for (const resource of resourcesOf(pristine.stack)) {
  const { kind, metadata } = resource;
  const recorded = await pristine.world.store.readRecord(kind, metadata.name);
  const ports = kind === "PostgresHACluster" ? {} : { ports: [kind === "PgBouncerPool" ? 6432 : 5432] };
  await pristine.world.store.writeRecord(kind, metadata.name, { ...recorded, applied: lastingOf(resource), ...ports });
}

const records = async () => (await pristine.world.store.readRecords?.()) ?? new Map();
const worldWith = (change: (stack: Stack) => Partial<Stack>): ModelWorld =>
  pristine.copy({ ...pristine.stack, ...change(pristine.stack) });

describe("a whole pool that is in no manifest any more", () => {
  it(
    "is named with its hosts and how it leaves, and nothing is changed meanwhile, least of all " + "pg_hba.conf",
    async () => {
      for (const [kind, unit, change] of [
        ["PgBouncerPool/keybuzz-pgbouncer", "pgha-pgbouncer.service", () => ({ pgbouncerPools: [] })],
        ["HAProxyPool/keybuzz-haproxy", "pgha-haproxy.service", () => ({ haproxyPools: [], pgbouncerPools: [] })],
      ] as const) {
        const { plan, statuses } = await planOf(worldWith(change));
        const found = plan.blockers.find(({ why }) => why.startsWith(kind));
        assert.equal(found?.reason, "PoolUndeclared");
        assert.match(found.why, /proxy-01 \(10\.0\.0\.11\) .*; proxy-02 \(10\.0\.0\.12\) /);
        assert.match(found.wayOut, new RegExp(`On proxy-02, .*: systemctl disable --now ${unit}\n`));
        assert.ok(found.wayOut.endsWith(`pgha forget ${kind}`));
        assert.equal(nextWave(plan).kind, "blocked");
        assert.deepEqual(
          plan.steps.filter(({ host }) => host !== undefined),
          [],
        );
        assert.equal(statuses.get("PostgresHACluster/keybuzz-pg")?.phase, "Blocked");
      }
    },
  );

  it("says what it still does, as the members see it", () => {
    const pool = { name: "HAProxyPool/lb", cluster: "pg", ports: [5432, 5433] };
    const said = (results: readonly ("open" | "refused" | "filtered")[], ports = pool.ports) => {
      const formerPools = ports.map((port, index) => ({ address: "10.0.0.1", port, result: results[index] }));
      const look = { seen: true as const, host: "db", facts: results.length === 0 ? {} : { formerPools } };
      const pools = [{ ...pool, ports, hosts: [{ name: "lb-1", address: "10.0.0.1" }] }];
      return formerPoolBlockers("PostgresHACluster/pg", pools, new Map([["db", look]]))[0]?.why.split(": ")[1];
    };
    assert.equal(said(["open", "refused"]), "lb-1 (10.0.0.1) still serves clients on TCP 5432");
    assert.equal(said(["refused", "refused"]), "lb-1 (10.0.0.1) serves nobody on TCP 5432 and 5433");
    assert.equal(said(["filtered", "filtered"]), "lb-1 (10.0.0.1) does not answer");
    assert.equal(said([], []), "lb-1 (10.0.0.1) may serve clients still, which is not known");
  });

  it(
    "is none of another cluster, nor one of which that is not known, nor one whose hosts another " + "has by now",
    async () => {
      const all = await records();
      const none = { ...pristine.stack, haproxyPools: [], pgbouncerPools: [] };
      assert.equal(formerPools(none, all).length, 2);
      const other = new Map(
        [...all].map(([name, record]) => [name, { ...record, applied: { clusterRef: { name: "other-pg" } } }] as const),
      );
      assert.deepEqual(formerPools(none, other), []);
      assert.deepEqual(formerPools(none, new Map([...all].map(([name, { hosts }]) => [name, { hosts }] as const))), []);
      const renamed = pristine.stack.haproxyPools.map((pool) => ({
        ...pool,
        metadata: { ...pool.metadata, name: "lb" },
      }));
      assert.deepEqual(formerPools({ ...pristine.stack, haproxyPools: renamed }, all), []);
      assert.deepEqual(formerPools(pristine.stack, all), []);
    },
  );
});

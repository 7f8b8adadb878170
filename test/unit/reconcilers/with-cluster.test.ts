import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PostgresHACluster } from "../../../src/api/index.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { partOf } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const PROXIES = "HAProxyPool/keybuzz-haproxy";
const POOLERS = "PgBouncerPool/keybuzz-pgbouncer";
const pristine = await convergedWorld();
await planOf(pristine);

/** What each resource would do by itself, of a stack changed like this. */
async function passOf(
  change: (spec: PostgresHACluster["spec"]) => PostgresHACluster["spec"],
  spoil = (_: ModelWorld): void => {},
): Promise<Pass> {
  const { clusters, ...pools } = structuredClone(pristine.stack);
  const model = pristine.copy({ ...pools, clusters: clusters.map((one) => ({ ...one, spec: change(one.spec) })) });
  spoil(model);
  return planOf(model);
}

const next = (pass: Pass, name: string): string => nextWave(partOf(pass, name).plan).kind;
const renamed = (spec: PostgresHACluster["spec"]): PostgresHACluster["spec"] => ({
  ...spec,
  databases: spec.databases.map((one) => (one.name === "n8n" ? { ...one, name: "n8n-new" } : one)),
});

describe("what a cluster is refused for as a whole", () => {
  it(
    "its pools do not follow alone: poolers lead to the database that is there, and say what they " + "wait for",
    async () => {
      const pass = await passOf(renamed);
      assert.deepEqual(
        [CLUSTER, PROXIES, POOLERS].map((name) => next(pass, name)),
        ["blocked", "done", "blocked"],
      );
      const [blocker] = partOf(pass, POOLERS).plan.blockers;
      assert.match(
        blocker?.why ?? "",
        /waits with PostgresHACluster\/keybuzz-pg, .*: DatabaseRenamed, the database n8n-new/,
      );
      const is = (type: string) => pass.statuses.get(POOLERS)?.conditions.some((one) => one.type === type);
      assert.deepEqual(
        ["Reconciling", "Stalled"].map(is),
        [true, false],
        "a person has to see to the cluster, not to it",
      );
      const ready = (name: string) =>
        pass.statuses.get(name)?.conditions.find(({ type, status }) => type === "Ready" && status === "False")?.reason;
      assert.deepEqual([CLUSTER, PROXIES, POOLERS].map(ready), ["DatabaseRenamed", undefined, "ClusterBlocked"]);
    },
  );

  it("is said once of all that is applied together", async () => {
    const { plan } = await passOf(renamed);
    assert.deepEqual(
      plan.blockers.map(({ reason }) => reason),
      ["DatabaseRenamed"],
    );
    assert.equal(nextWave(plan).kind, "blocked");
  });

  it("is no other finding of it: what is in the way on one member holds no pool", async () => {
    const busy = (spec: PostgresHACluster["spec"]): PostgresHACluster["spec"] => ({
      ...spec,
      databases: [...spec.databases, { ...spec.databases[0]!, name: "another" }],
    });
    const pass = await passOf(busy, (model) => void (model.host("db-slave-01").reachable = false));
    assert.equal(next(pass, POOLERS), "steps");
  });
});

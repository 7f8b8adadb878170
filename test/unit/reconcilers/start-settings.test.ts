import assert from "node:assert/strict";
import { test } from "node:test";
import type { PostgresHACluster } from "../../../src/api/index.ts";
import { sensitive } from "../../../src/credentials/index.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { memoryStore } from "../../../src/state/memory-store.ts";
import { convergedWorld, planOf, takeAll } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const pristine = await convergedWorld();
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];

/** The converged world, where somebody gave the Secret of the RAFT password another one. */
async function withRaftPassword(password: string): Promise<ModelWorld> {
  const secrets = [...(await pristine.world.store.readSecrets()).values()];
  const store = memoryStore(
    secrets.map((secret) =>
      secret.name === "keybuzz-pg-raft"
        ? { ...secret, data: { ...secret.data, password: sensitive(password) } }
        : secret,
    ),
  );
  for (const kind of ["PostgresHACluster", "HAProxyPool", "PgBouncerPool"]) {
    const name =
      { PostgresHACluster: "keybuzz-pg", HAProxyPool: "keybuzz-haproxy", PgBouncerPool: "keybuzz-pgbouncer" }[kind] ??
      "";
    await store.writeRecord(kind, name, await pristine.world.store.readRecord(kind, name));
  }
  return Object.assign(pristine.copy(), { world: { ...pristine.world, store, secrets: () => store.readSecrets() } });
}

function withSpec(change: (spec: PostgresHACluster["spec"]) => PostgresHACluster["spec"]): ModelWorld {
  return pristine.copy({
    ...pristine.stack,
    clusters: pristine.stack.clusters.map((cluster) => ({ ...cluster, spec: change(cluster.spec) })),
  });
}

function reasons({ plan }: Pass): readonly string[] {
  return plan.blockers.map(({ reason }) => reason);
}

test(
  "another RAFT password is refused while Patroni runs, which would take it at its next start and be " +
    "alone with it",
  async () => {
    const pass = await planOf(await withRaftPassword("another long password"));
    assert.deepEqual(reasons(pass), ["StartSettingsChanged"]);
    assert.equal(nextWave(pass.plan).kind, "blocked");
    const [blocker] = pass.plan.blockers;
    assert.match(
      blocker?.why ?? "",
      /Patroni on db-master-01, db-slave-01, db-slave-02 was started with another RAFT password/,
    );
    assert.match(blocker?.wayOut ?? "", /the Secret keybuzz-pg-raft/);
  },
);

test("it is taken once Patroni was stopped on every member: files first, then all are started", async () => {
  const model = await withRaftPassword("another long password");
  for (const member of MEMBERS.slice(1)) model.host(member).active.delete("patroni.service");
  assert.deepEqual(reasons(await planOf(model)), ["StartSettingsChanged"], "one that runs is enough");
  model.host("db-master-01").active.delete("patroni.service");
  assert.deepEqual(reasons(await planOf(model)), []);
  const { plan } = await takeAll(model);
  assert.deepEqual({ steps: plan.steps, blockers: plan.blockers }, { steps: [], blockers: [] });
  for (const member of MEMBERS)
    assert.match(
      model.host(member).loaded.get("patroni.service")?.get("/etc/patroni/config.yml") ?? "",
      /another long password/,
    );
});

test(
  "so is what the API server would refuse to change, where there is none: the RAFT port, the scope, the " +
    "data directory",
  async () => {
    for (const change of [{ dcs: { raft: { port: 7001, pysyncobj: "pinned" } } }, { scope: "other" }] as const) {
      assert.deepEqual(
        reasons(await planOf(withSpec((spec) => ({ ...spec, patroni: { ...spec.patroni, ...change } })))),
        ["StartSettingsChanged"],
      );
    }
    const moved = await planOf(
      withSpec((spec) => ({
        ...spec,
        postgresql: { ...spec.postgresql, dataDirectory: "/opt/keybuzz/postgres/data/other" },
      })),
    );
    assert.ok(reasons(moved).includes("StartSettingsChanged"));
  },
);

test(
  "what a reload is enough for is no matter of it, and neither is a Patroni that says nothing of " + "its start",
  async () => {
    const networks = await planOf(
      withSpec((spec) => ({ ...spec, postgresql: { ...spec.postgresql, clientNetworks: [] } })),
    );
    assert.deepEqual([reasons(networks), nextWave(networks.plan).kind], [[], "steps"]);
    const model = await withRaftPassword("another long password");
    for (const member of MEMBERS) model.host(member).startedWith.clear();
    // That it runs since before its unit had a mark is another matter.
    assert.deepEqual([...new Set(reasons(await planOf(model)))], ["PendingRestart"]);
  },
);

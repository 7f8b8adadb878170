import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SqlFact } from "../../../src/facts/types.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld, inOrder, planOf } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

type Parameters = Readonly<Record<string, number | string>>;

interface MemberFacts {
  dcs: object;
  patroni: { member: { state: string; role: string; pendingRestart: boolean } | undefined };
  sql: SqlFact | undefined;
}

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const pristine = await convergedWorld();

function withParameters(model: ModelWorld, parameters: Parameters): ModelWorld {
  const stack = structuredClone(model.stack);
  const [cluster] = stack.clusters;
  if (cluster === undefined) throw new TypeError("the sample has a cluster");
  return model.copy({
    ...stack,
    clusters: [
      {
        ...cluster,
        spec: {
          ...cluster.spec,
          postgresql: {
            ...cluster.spec.postgresql,
            parameters: { ...cluster.spec.postgresql.parameters, ...parameters },
          },
        },
      },
    ],
  });
}

/** A pass over a model of whose members something else is seen. */
async function passWith(model: ModelWorld, change: (member: string, facts: MemberFacts) => void): Promise<Pass> {
  const looks = model.looks();
  for (const [member, look] of looks.get(CLUSTER) ?? [])
    if (look.seen) change(member, (look as unknown as { facts: MemberFacts }).facts);
  return passOver(model.stack, model.world, looks);
}

function found({ plan }: Pass): readonly string[] {
  return [...plan.blockers, ...plan.waits].map(({ reason, host }) => `${reason} ${host ?? ""}`);
}

function taken({ plan }: Pass): readonly string[] {
  const wave = nextWave(plan);
  return wave.kind === "steps" ? wave.steps.map(({ id }) => id) : [wave.kind];
}

/** Takes what there is to take. */
async function settle(model: ModelWorld): Promise<Pass> {
  for (let pass = await planOf(model); ; pass = await planOf(model)) {
    const [step] = inOrder(pass.plan);
    if (step === undefined) return pass;
    await model.take(step, pass);
  }
}

const PATCH = `${CLUSTER}/dynamic configuration`;
const down = (facts: MemberFacts): void => {
  facts.sql = undefined;
  Object.assign(facts.patroni.member ?? {}, { state: "start failed", role: "replica" });
};

describe("a changed setting", () => {
  it("is in force at once, or waits for a restart of every member, at the first look after it was set", async () => {
    assert.deepEqual(found(await settle(withParameters(pristine, { work_mem: "8MB" }))), []);
    const pass = await settle(withParameters(pristine, { max_connections: 300 }));
    assert.deepEqual(
      found(pass),
      ["db-master-01", "db-slave-01", "db-slave-02"].map((host) => `PendingRestart ${host}`),
    );
    assert.match(pass.plan.blockers[0]?.why ?? "", /max_connections \(200, to be 300\)/);
    assert.match(pass.plan.blockers[0]?.wayOut ?? "", /pgha restart --pending/);
    const status = pass.statuses.get(CLUSTER);
    assert.deepEqual(
      ["Ready", "PendingRestart"].map((type) => status?.conditions.find((each) => each.type === type)?.status),
      ["False", "True"],
    );
    assert.deepEqual(
      status?.cluster?.members.map(({ pendingRestart }) => pendingRestart),
      [true, true, true],
    );
  });

  it("that was taken back is not pending, though Patroni says so for one more round", async () => {
    const pass = await passWith(pristine.copy(), (_, { patroni }) => {
      Object.assign(patroni.member ?? {}, { pendingRestart: true });
    });
    assert.deepEqual(found(pass), []);
    assert.deepEqual(
      pass.statuses.get(CLUSTER)?.cluster?.members.map(({ pendingRestart }) => pendingRestart),
      [false, false, false],
    );
  });

  it("is told apart by what keeps it from being in force, on whatever member", async () => {
    const change = (name: string, to: object) => (member: string, facts: MemberFacts) => {
      if (member !== "db-slave-02" || facts.sql === undefined) return;
      facts.sql = {
        ...facts.sql,
        settings: (facts.sql.settings ?? []).map((row) => (row.name === name ? { ...row, ...to } : row)),
      };
    };
    for (const [to, reason] of [
      [{ value: "2GB" }, "ParametersPending"],
      [{ value: "2GB", file: "/data/postgresql.auto.conf" }, "ParameterOverridden"],
      [{ name: "gone", file: "/data/site.conf" }, "ParameterRefused"],
    ] as const)
      assert.deepEqual(found(await passWith(pristine.copy(), change("wal_keep_size", to))), [`${reason} db-slave-02`]);
    const same = await passWith(pristine.copy(), change("wal_keep_size", { file: "/data/postgresql.auto.conf" }));
    assert.deepEqual(
      same.plan.warnings.map(({ reason, host }) => `${reason} ${host ?? ""}`),
      ["ParameterOverridden db-slave-02"],
    );
  });
});

describe("the dynamic configuration", () => {
  it("is corrected while a replica is down, or its host, or waits for a restart", async () => {
    const model = withParameters(pristine, { work_mem: "8MB" });
    assert.ok(
      taken(await passWith(model, (host, facts) => (host === "db-slave-01" ? down(facts) : undefined))).includes(PATCH),
    );
    const away = model.copy();
    away.host("db-slave-01").reachable = false;
    assert.ok(taken(await planOf(away)).includes(PATCH));
    const pending = await settle(withParameters(pristine, { max_connections: 300 }));
    assert.ok(found(pending).includes("PendingRestart db-slave-01"));
  });

  it("is corrected while nobody leads, through a member that has a quorum", async () => {
    const model = withParameters(pristine, { max_connections: 250 });
    const without = (quorum: readonly string[]) =>
      passWith(model, (host, facts) => {
        down(facts);
        facts.dcs = { ...facts.dcs, status: { hasQuorum: quorum.includes(host), partners: [] } };
      });
    const { plan } = await without(["db-slave-01"]);
    const step = plan.steps.find(({ id }) => id === PATCH);
    assert.deepEqual([step?.host, step?.mends], ["db-slave-01", true]);
    assert.ok(taken(await without(["db-slave-01"])).includes(PATCH));
    assert.ok(!(await without([])).plan.steps.some(({ id }) => id === PATCH));
  });

  it("is told to a member that goes by the file of this spec, so that its password fits", async () => {
    const model = withParameters(pristine, { work_mem: "8MB" });
    const other = (...hosts: readonly string[]) =>
      passWith(model, (host, { patroni }) => {
        if (hosts.includes(host)) Object.assign(patroni.member ?? {}, { tags: { pgha_config: "0".repeat(16) } });
      });
    const of = ({ plan }: Pass) => plan.steps.find(({ id }) => id === PATCH);
    assert.deepEqual(of(await other("db-master-01"))?.host, "db-slave-01");
    const late = of(await other("db-master-01", "db-slave-01", "db-slave-02"));
    assert.deepEqual([late?.host, late?.mends], ["db-master-01", undefined]);
  });

  it("is not given a setting with which a member would not start, and is given everything else", async () => {
    const slot = (_: string, facts: MemberFacts): void => {
      if (facts.sql !== undefined)
        facts.sql = {
          ...facts.sql,
          health: {
            synchronousStandbys: "",
            replayPaused: false,
            connections: 0,
            maximumConnections: 100,
            slots: [{ name: "cdc", active: true, logical: true }],
          },
        };
    };
    const logical = await (async () => {
      const model = withParameters(pristine, { wal_level: "logical" });
      await settle(model);
      for (const host of model.hosts.values()) host.parametersAtStart = undefined;
      return withParameters(model, { wal_level: "replica" });
    })();
    const pass = await passWith(logical, slot);
    assert.ok(found(pass).includes("RestartWouldFail db-master-01"));
    assert.ok(!pass.plan.steps.some(({ id }) => id === PATCH));
    const other = await passWith(withParameters(logical, { wal_level: "logical", work_mem: "9MB" }), slot);
    assert.deepEqual(found(other), []);
    assert.ok(taken(other).includes(PATCH));
  });

  it("keeps the shorter waits of the first bootstrap until all stream, and gets corrections before", async () => {
    const model = withParameters(pristine, { work_mem: "8MB" });
    model.dynamicConfiguration = { ...model.dynamicConfiguration, loop_wait: 1 };
    const pass = await passWith(model, (host, facts) => {
      if (host === "db-slave-01") down(facts);
      if (host === "db-master-01" && facts.sql !== undefined)
        facts.sql = { ...facts.sql, replication: facts.sql.replication.filter(({ name }) => name !== "db-slave-01") };
    });
    const patches = pass.plan.steps.flatMap(({ id, change }) =>
      change.kind === "patch-dynamic-configuration" ? [[id, JSON.stringify(change.patch)]] : [],
    );
    assert.deepEqual(patches, [
      [PATCH, '{"postgresql":{"parameters":{"work_mem":"8MB"}}}'],
      [`${CLUSTER}/loop_wait`, '{"loop_wait":10}'],
    ]);
    assert.ok(found(pass).includes("ReplicaBroken db-slave-01"));
    assert.ok(taken(pass).includes(PATCH) && !taken(pass).includes(`${CLUSTER}/loop_wait`));
  });

  it("of a first bootstrap is planned to settle at last, from the first plan on", async () => {
    const { plan } = await planOf(new ModelWorld(sampleStack()));
    assert.deepEqual(
      plan.steps.filter(({ stage }) => stage === "settle").map(({ id, mends }) => [id, mends]),
      [[`${CLUSTER}/loop_wait`, undefined]],
    );
  });
});

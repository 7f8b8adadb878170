import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { summaryOf } from "../../../src/plan/summary.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Stack } from "../../../src/reconcilers/stack.ts";
import type { PgBouncerPool } from "../../../src/api/index.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const pristine = await convergedWorld();

function worldWith(change: (stack: Stack) => Stack): Promise<ModelWorld> {
  return Promise.resolve(pristine.copy(change(pristine.stack)));
}

type ClusterSpec = Stack["clusters"][number]["spec"];

function worldWithCluster(change: (spec: ClusterSpec) => Partial<ClusterSpec>): Promise<ModelWorld> {
  return worldWith((stack) => ({
    ...stack,
    clusters: stack.clusters.map((cluster) => ({ ...cluster, spec: { ...cluster.spec, ...change(cluster.spec) } })),
  }));
}

async function serviceSteps(model: ModelWorld) {
  const { plan } = await planOf(model);
  return {
    summary: summaryOf(plan),
    steps: plan.steps
      .filter((step) => step.stage === "services" || step.stage === "data")
      .map((step) => `${step.host} ${step.change.kind} [${step.impact}] ${step.noticed ?? "-"}`),
  };
}

const NO_RIGHTS = {
  login: false,
  superuser: false,
  createdb: false,
  createrole: false,
  replication: false,
  bypassrls: false,
} as const;

describe("who notices what", () => {
  const movedTo = async (spec: Partial<PgBouncerPool["spec"]>) =>
    serviceSteps(
      await worldWith((stack) => ({
        ...stack,
        pgbouncerPools: stack.pgbouncerPools.map((pool) => ({ ...pool, spec: { ...pool.spec, ...spec } })),
      })),
    );

  it("another port of PgBouncer is a restart of each, by a process beside it that the former port outlives", async () => {
    const { steps, summary } = await movedTo({ port: 6433, drainSeconds: 600 });
    const noticed =
      "clients of port 6432 are served there for 10 min more, new ones among them; who is connected there still is " +
      "disconnected then, between two transactions, and refused from then on";
    assert.deepEqual(steps, [
      `proxy-01 restart-unit [restart] ${noticed}`,
      `proxy-02 restart-unit [restart] ${noticed}`,
    ]);
    assert.deepEqual([summary.reload, summary.restart], [0, 2]);
  });

  it("with no time to drain, another port of PgBouncer ends every pooled session", async () => {
    const { steps, summary } = await movedTo({ port: 6433, drainSeconds: 0 });
    const noticed =
      "every client that is connected through this PgBouncer is disconnected; clients of port 6432 are " +
      "refused from then on";
    assert.deepEqual(steps, [
      `proxy-01 restart-unit [restart] ${noticed}`,
      `proxy-02 restart-unit [restart] ${noticed}`,
    ]);
    assert.deepEqual([summary.reload, summary.restart], [0, 2]);
  });

  it("a role and a database off the list are refused by poolers from then on", async () => {
    const model = await worldWithCluster((spec) => ({
      roles: spec.roles.filter(({ name }) => name !== "n8n"),
      databases: spec.databases.filter(({ name }) => name !== "n8n"),
    }));
    const noticed =
      "clients that log in as n8n are refused from then on; clients of the database n8n are refused from then on";
    const { steps, summary } = await serviceSteps(model);
    assert.deepEqual(steps, [`proxy-01 reload-unit [noticed] ${noticed}`, `proxy-02 reload-unit [noticed] ${noticed}`]);
    assert.equal(summary.noticed, 2);
  });

  it("another setting of PgBouncer is a reload that nobody notices", async () => {
    const model = await worldWith((stack) => ({
      ...stack,
      pgbouncerPools: stack.pgbouncerPools.map((pool) => ({ ...pool, spec: { ...pool.spec, defaultPoolSize: 21 } })),
    }));
    assert.deepEqual((await serviceSteps(model)).steps, [
      "proxy-01 reload-unit [reload] -",
      "proxy-02 reload-unit [reload] -",
    ]);
  });

  it("a port or an address that HAProxy gives up is noticed by its clients, one that it opens by nobody", async () => {
    const model = await worldWith((stack) => ({
      ...stack,
      haproxyPools: stack.haproxyPools.map((pool) => ({
        ...pool,
        spec: { ...pool.spec, ports: { ...pool.spec.ports, write: 5000 } },
      })),
    }));
    const { steps } = await serviceSteps(model);
    assert.deepEqual(
      steps.filter((step) => step.includes("reload-unit") && step.includes("5432")),
      [
        "proxy-01 reload-unit [noticed] new clients of 10.0.0.11:5432 are refused from then on; those " +
          "connected stay until they leave",
        "proxy-02 reload-unit [noticed] new clients of 10.0.0.12:5432 are refused from then on; those " +
          "connected stay until they leave",
      ],
    );
  });

  it(
    "fewer connections and shorter times of HAProxy are noticed, and a check that takes longer; " + "more is not",
    async () => {
      const with_ = (spec: Partial<Stack["haproxyPools"][number]["spec"]>) =>
        worldWith((stack) => ({
          ...stack,
          haproxyPools: stack.haproxyPools.map((pool) => ({ ...pool, spec: { ...pool.spec, ...spec } })),
        }));
      const [pool] = pristine.stack.haproxyPools;
      assert.ok(pool !== undefined);
      const { timeouts, checks } = pool.spec;
      const first = async (model: ModelWorld): Promise<string> =>
        (await serviceSteps(model)).steps.find((step) => step.startsWith("proxy-01 re") && !step.endsWith(" -")) ?? "";
      assert.equal(
        await first(await with_({ maxConnections: 100 })),
        "proxy-01 reload-unit [noticed] at most 100 clients may be connected (until now 2000); more have to " +
          "wait or are refused",
      );
      assert.equal(
        await first(
          await with_({ timeouts: { ...timeouts, clientSeconds: 600, serverSeconds: 900, connectSeconds: 1 } }),
        ),
        "proxy-01 reload-unit [noticed] new sessions through this HAProxy are cut that are silent longer than " +
          "600 s from then on; clients are turned away where a server lets them wait longer than 1 s from then on",
      );
      assert.equal(
        await first(await with_({ checks: { ...checks, fall: 5 } })),
        "proxy-01 reload-unit [noticed] a server that hangs is given clients for up to 16.8 s (until now 7.2 s)",
      );
      const more = { ...timeouts, clientSeconds: 7200, serverSeconds: 7200, connectSeconds: 4 };
      assert.equal(await first(await with_({ timeouts: more, checks: { ...checks, fall: 1 } })), "");
    },
  );

  it("what a role may no longer do is said", async () => {
    const model = await worldWithCluster((spec) => ({
      roles: spec.roles.map((role) => (role.name === "keybuzz" ? { ...role, memberOf: [], connectionLimit: 5 } : role)),
    }));
    assert.deepEqual((await serviceSteps(model)).steps, [
      "db-master-01 alter-role [noticed] keybuzz loses what it may do through readers; keybuzz may have 5 " +
        "connections; more are refused",
    ]);
  });

  it("another owner, a lower limit and another password are noticed; the higher limit is not", async () => {
    const model = await worldWith((stack) => stack);
    model.databases = model.databases.map((database) =>
      database.name === "n8n" ? { ...database, owner: "keybuzz" } : { ...database, connectionLimit: 3 },
    );
    model.roles = model.roles.map((role) => (role.name === "n8n" ? { ...role, verifierDigest: "another" } : role));
    assert.deepEqual((await serviceSteps(model)).steps, [
      "db-master-01 alter-role [noticed] new logins of n8n with the old password are refused; sessions that " +
        "are open stay",
      "db-master-01 alter-database [none] -",
      "db-master-01 alter-database [noticed] n8n belongs to n8n: keybuzz keeps only what it was granted " +
        "there, and what it owns inside",
    ]);
  });

  it("each right that is taken from a role is said by its name; one that is given is not", async () => {
    const model = await worldWith((stack) => stack);
    const rights = { createdb: true, createrole: true, replication: true, bypassrls: true, superuser: true };
    model.roles = model.roles.map((role) =>
      role.name === "n8n" ? { ...role, ...rights } : role.name === "readers" ? { ...role, login: true } : role,
    );
    assert.deepEqual((await serviceSteps(model)).steps.toSorted(), [
      `db-master-01 alter-role [noticed] ${["superuser", "createdb", "createrole", "replication", "bypassrls"]
        .map((right) => `n8n is no longer allowed: ${right}`)
        .join("; ")}`,
      "db-master-01 alter-role [noticed] readers cannot log in any more",
    ]);
    model.roles = model.roles.map((role) => (role.name === "n8n" ? { ...role, ...NO_RIGHTS } : role));
    assert.deepEqual((await serviceSteps(model)).steps.slice(0, 1), [
      "db-master-01 alter-role [noticed] readers cannot log in any more",
    ]);
    assert.deepEqual((await serviceSteps(model)).steps.slice(1), ["db-master-01 alter-role [none] -"]);
  });

  it("commits that wait for a standby from then on are said, a longer life of the leader's key is not", async () => {
    const synchronous = async (patroni: Partial<Stack["clusters"][number]["spec"]["patroni"]>) => {
      const model = await worldWithCluster((spec) => ({ patroni: { ...spec.patroni, ...patroni } }));
      const { plan } = await planOf(model);
      const step = plan.steps.find(({ change }) => change.kind === "patch-dynamic-configuration");
      return `[${step?.impact ?? ""}] ${step?.noticed ?? "-"}`;
    };
    assert.equal(
      await synchronous({ synchronousMode: "enabled" }),
      "[noticed] each commit waits for a standby from then on",
    );
    assert.equal(await synchronous({ ttl: 31 }), "[reload] -");
  });

  it("a new password is said where its Secret is written, and where PostgreSQL takes it", async () => {
    const model = await worldWith((stack) => stack);
    const world = { ...model.world, rotations: { asked: () => ["n8n"], done: () => Promise.resolve() } };
    const pass = await passOver(model.stack, world, model.looks());
    const [step] = pass.plan.steps;
    assert.equal(step?.change.kind, "write-secret");
    assert.equal(step.noticed, "what reads this Secret has to read it again: the old password is refused soon after");
    await model.take(step, pass);
    assert.deepEqual(
      (await serviceSteps(model)).steps.filter((line) => line.includes("alter-role")),
      [
        "db-master-01 alter-role [noticed] new logins of n8n with the old password are refused; sessions " +
          "that are open stay",
      ],
    );
  });

  it(
    "a setting that cuts statements is said where the cluster is told, one that takes a restart by the " + "restarts",
    async () => {
      const model = await worldWithCluster((spec) => ({
        postgresql: {
          ...spec.postgresql,
          parameters: { ...spec.postgresql.parameters, max_connections: 321, statement_timeout: "5s" },
        },
      }));
      const { plan } = await planOf(model);
      const step = plan.steps.find(({ change }) => change.kind === "patch-dynamic-configuration");
      assert.match(step?.noticed ?? "", /^statements are cancelled that take longer than 5s from then on$/);
      assert.equal(step?.impact, "noticed");
    },
  );
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PostgresHACluster } from "../../../src/api/index.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import type { Stack } from "../../../src/reconcilers/stack.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

type Spec = PostgresHACluster["spec"];

function edited(stack: Stack, change: (spec: Spec) => Partial<Spec>): Stack {
  return {
    ...stack,
    clusters: stack.clusters.map((cluster) => ({ ...cluster, spec: { ...cluster.spec, ...change(cluster.spec) } })),
  };
}

/** A world where everything was declared and seen, and a manifest that says something else since. */
async function after(change: (spec: Spec) => Partial<Spec>): Promise<ModelWorld> {
  const model = await convergedWorld();
  await planOf(model);
  return model.copy(edited(model.stack, change));
}

const warningsOf = async (model: ModelWorld): Promise<readonly string[]> =>
  (await planOf(model)).plan.warnings.map(({ reason, message }) => `${reason}: ${message}`);

describe("what is no longer declared", () => {
  it("is a role that can still log in, and is said once, with the command that ends it", async () => {
    const model = await after((spec) => ({ roles: spec.roles.filter(({ name }) => name !== "n8n") }));
    model.databases = model.databases.map((database) => ({ ...database, owner: "n8n" }));
    const [warning, ...more] = await warningsOf(model);
    assert.deepEqual(more, []);
    assert.match(warning ?? "", /^NoLongerDeclared: the role n8n .*can still log in .*owns keybuzz and n8n/);
    assert.match(
      warning ?? "",
      /On db-master-01: runuser -u postgres -- psql -d postgres -c 'ALTER ROLE "n8n" NOLOGIN'$/,
    );
  });

  it("is a database, and an extension of one that stays", async () => {
    const model = await after((spec) => ({
      databases: spec.databases
        .filter(({ name }) => name !== "n8n")
        .map((database) => ({ ...database, extensions: ["uuid-ossp"] })),
    }));
    const warnings = await warningsOf(model);
    assert.equal(warnings.length, 2, warnings.join("\n"));
    assert.match(warnings[0] ?? "", /the database n8n .*stays with its data.*DROP DATABASE "n8n"/);
    assert.match(warnings[1] ?? "", /the extension vector of keybuzz .*-d keybuzz -c 'DROP EXTENSION "vector"'/);
  });

  it("is forgotten once it is gone, and nothing is said of what pgha never had to do with", async () => {
    const model = await after((spec) => ({ roles: spec.roles.filter(({ name }) => name !== "n8n") }));
    model.roles = [
      ...model.roles.filter(({ name }) => name !== "n8n"),
      { ...model.roles[0], name: "somebody", memberOf: [] } as (typeof model.roles)[number],
    ];
    assert.deepEqual(await warningsOf(model), []);
    assert.deepEqual((await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg")).declared, {
      roles: ["keybuzz", "readers"],
      databases: [
        { name: "keybuzz", extensions: ["uuid-ossp", "vector"] },
        { name: "n8n", extensions: ["uuid-ossp"] },
      ],
    });
  });

  it("is not forgotten while nobody leads", async () => {
    const model = await after((spec) => ({ roles: spec.roles.filter(({ name }) => name !== "n8n") }));
    for (const host of ["db-master-01", "db-slave-01"]) model.host(host).reachable = false;
    await planOf(model);
    assert.ok((await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg")).declared?.roles.includes("n8n"));
  });
});

describe("a database under another name", () => {
  const renamed = (spec: Spec): Partial<Spec> => ({
    databases: spec.databases.map((database) => (database.name === "n8n" ? { ...database, name: "flows" } : database)),
  });

  it("is refused before anything is touched, Secrets included, with both ways out", async () => {
    const model = await after(renamed);
    const { plan } = await planOf(model);
    assert.deepEqual(
      plan.blockers.map(({ reason, scope }) => [reason, scope]),
      [["DatabaseRenamed", "everything"]],
    );
    assert.match(plan.blockers[0]?.why ?? "", /flows would be new and empty; n8n .* keeps its data/);
    assert.match(
      plan.blockers[0]?.wayOut ?? "",
      /psql -d postgres -c 'ALTER DATABASE "n8n" RENAME TO "flows"'.*keep n8n on the list/,
    );
    assert.equal(nextWave(plan).kind, "blocked");
  });

  it("is refused in an outage, too, when nobody can be asked", async () => {
    const model = await after(renamed);
    for (const host of ["db-master-01", "db-slave-01", "db-slave-02"]) model.host(host).reachable = false;
    const { plan } = await planOf(model);
    assert.ok(plan.blockers.some(({ reason }) => reason === "DatabaseRenamed"));
    assert.equal(nextWave(plan).kind, "blocked");
  });

  it("is taken once it has that name in PostgreSQL, or when both are declared", async () => {
    const done = await after(renamed);
    done.databases = done.databases.map((database) =>
      database.name === "n8n" ? { ...database, name: "flows" } : database,
    );
    const both = await after((spec) => ({
      databases: [...spec.databases, { name: "flows", owner: "n8n", connectionLimit: -1, extensions: [] }],
    }));
    for (const model of [done, both]) assert.deepEqual((await planOf(model)).plan.blockers, []);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Look } from "../../../src/facts/fact.ts";
import type { LoginFact } from "../../../src/facts/types.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass, StackLooks } from "../../../src/reconcilers/reconcile.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";
import { convergedWorld } from "../../model/converge.ts";
import { HAPPENINGS } from "../../model/happenings.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const pristine = await convergedWorld();
const CLUSTER = "PostgresHACluster/keybuzz-pg";
const PROXY = "HAProxyPool/keybuzz-haproxy";
const POOLER = "PgBouncerPool/keybuzz-pgbouncer";

/** What the pools say when each login of the pooler's hosts went as told here. */
async function withLogins(change: (login: LoginFact) => readonly LoginFact[]): Promise<Pass> {
  const model = pristine.copy();
  const looks = new Map(model.looks());
  const poolers = looks.get(POOLER) ?? new Map();
  looks.set(
    POOLER,
    new Map(
      [...poolers].map(([host, look]): [string, Look<never>] => {
        if (!look.seen) return [host, look];
        const facts = look.facts as { readonly logins: readonly LoginFact[] };
        return [host, { ...look, facts: { ...facts, logins: facts.logins.flatMap(change) } as never }];
      }),
    ),
  );
  return passOver(model.stack, model.world, looks);
}

function condition(pass: Pass, resource: string, type: string): ResourceStatus["conditions"][number] {
  const found = pass.statuses.get(resource)?.conditions.find((one) => one.type === type);
  assert.ok(found !== undefined);
  return found;
}

const refused = (login: LoginFact): LoginFact => ({
  ...login,
  ok: false,
  refused: true,
  error: "FATAL:  password authentication failed",
});

describe("a PgBouncerPool", () => {
  it(
    "is available while clients are served, though one role's login fails, which it names; and is " + "not Ready",
    async () => {
      const pass = await withLogins((login) => [login.role === "n8n" ? refused(login) : login]);
      const [available, ready] = [condition(pass, POOLER, "Available"), condition(pass, POOLER, "Ready")];
      assert.deepEqual([available.status, available.reason], ["True", "Serving"]);
      assert.match(available.message, /a login of n8n fails/);
      assert.deepEqual([ready.status, ready.reason], ["False", "LoginFails"]);
      assert.match(ready.message, /n8n to write through the pooler/);
    },
  );

  it("says that it cannot tell when everybody it tried was refused, and calls nobody at night", async () => {
    const available = condition(await withLogins((login) => [refused(login)]), POOLER, "Available");
    assert.deepEqual([available.status, available.reason], ["Unknown", "LoginFails"]);
    assert.match(available.message, /refuse keybuzz, n8n/);
  });

  it("serves nobody when no login comes to an end", async () => {
    const { refused: _, ...silent } = refused({ role: "x", database: "x", purpose: "write", ok: false });
    const pass = await withLogins(({ role, database }) => [{ ...silent, role, database, error: "it did not answer" }]);
    const available = condition(pass, POOLER, "Available");
    assert.deepEqual([available.status, available.reason], ["False", "NotServing"]);
    // What is in the way at the proxy beside it is why, and no waiting helps.
    assert.deepEqual(
      pass.plan.waits.map(({ through }) => through),
      [PROXY, PROXY],
    );
  });

  it("is not Ready while PostgreSQL does not know the password that the pooler lets in by", async () => {
    const pass = await withLogins((login) => [
      login,
      ...(login.role === "n8n" ? [{ ...refused(login), purpose: "direct" as const }] : []),
    ]);
    assert.deepEqual(condition(pass, POOLER, "Available").status, "True");
    const ready = condition(pass, POOLER, "Ready");
    assert.deepEqual([ready.status, ready.reason], ["False", "LoginFails"]);
    assert.match(ready.message, /n8n to be known to PostgreSQL with the password of its Secret/);
    assert.match(condition(pass, POOLER, "Available").message, /a login of n8n fails/);
  });
});

/** A cluster that nobody leads, and HAProxy that did not hear of it yet. */
function behindTheTimes(): { readonly model: ModelWorld; readonly looks: StackLooks } {
  const model = pristine.copy();
  const before = model.looks();
  model.host("db-master-01").active.delete("patroni.service");
  const now = model.looks();
  return {
    model,
    looks: new Map([...now].map(([name, hosts]) => [name, name === PROXY ? (before.get(name) ?? hosts) : hosts])),
  };
}

describe("an HAProxyPool", () => {
  it("is not Ready beside a cluster that nobody leads, and does not say where writes go", async () => {
    const { model, looks } = behindTheTimes();
    const pass = await passOver(model.stack, model.world, looks);
    assert.equal(condition(pass, CLUSTER, "Available").reason, "NoLeader");
    const [available, ready] = [condition(pass, PROXY, "Available"), condition(pass, PROXY, "Ready")];
    assert.deepEqual([ready.status, ready.reason], ["False", "NoWriteServer"]);
    assert.match(ready.message, /the cluster knows none, and HAProxy on proxy-01 still shows db-master-01 as up/);
    assert.deepEqual([available.status, available.reason], ["Unknown", "NoWriteServer"]);
    for (const host of pass.statuses.get(PROXY)?.hosts ?? []) assert.doesNotMatch(host.message ?? "", /writes go to/);
  });

  it("is not Ready while it still sends writes to who led before", async () => {
    const model = pristine.copy();
    const before = model.looks();
    HAPPENINGS["is switched over to"]?.does(model, model.host("db-slave-01"));
    const looks = new Map(
      [...model.looks()].map(([name, hosts]) => [name, name === PROXY ? (before.get(name) ?? hosts) : hosts]),
    );
    const pass = await passOver(model.stack, model.world, looks);
    const [available, ready] = [condition(pass, PROXY, "Available"), condition(pass, PROXY, "Ready")];
    assert.deepEqual([ready.status, ready.reason], ["False", "NoWriteServer"]);
    assert.match(
      ready.message,
      /HAProxy on proxy-01 to see that db-slave-01 leads \(it still shows db-master-01 as up\)/,
    );
    assert.deepEqual([available.status, available.reason], ["Unknown", "NoWriteServer"]);
    assert.match(available.message, /db-slave-01 leads, and HAProxy still shows another as up/);
  });

  it("goes by what was last said of the cluster when it is looked at alone", async () => {
    const { model } = behindTheTimes();
    const looks = pristine.copy().looks();
    const judge = async (clusterWord: { readonly leader: string | undefined } | undefined) => {
      const world = { ...model.world, clusterWord: () => clusterWord };
      return condition(await passOver(model.stack, world, looks, new Set([PROXY])), PROXY, "Ready").status;
    };
    assert.deepEqual(
      [await judge({ leader: undefined }), await judge({ leader: "db-master-01" }), await judge(undefined)],
      ["False", "True", "True"],
    );
  });

  it("believes its own eyes when no member of the cluster can be seen", async () => {
    const model = pristine.copy();
    for (const name of ["db-master-01", "db-slave-01", "db-slave-02"]) model.host(name).reachable = false;
    const pass = await passOver(model.stack, model.world, model.looks());
    assert.match(condition(pass, CLUSTER, "Available").message, /db-master-01 leads, as HAProxy says/);
    assert.equal(condition(pass, PROXY, "Ready").status, "True");
  });
});

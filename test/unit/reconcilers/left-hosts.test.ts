import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forgetHost } from "../../../src/reconcilers/forget-host.ts";
import { hostsInUse } from "../../../src/reconcilers/left-hosts.ts";
import type { Stack } from "../../../src/reconcilers/stack.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

/** The sample stack with other hosts in one kind. */
function edited(
  kind: Exclude<keyof Stack, "baselines">,
  change: (hosts: Stack["clusters"][number]["spec"]["hosts"]) => unknown,
): Stack {
  const stack = sampleStack();
  const [first] = stack[kind];
  if (first === undefined) throw new TypeError("the sample has one of each");
  const spec = { ...first.spec, hosts: change(first.spec.hosts as never) };
  return { ...stack, [kind]: [{ ...first, spec }] };
}

const without = (name: string) => (hosts: readonly { readonly name: string }[]) =>
  hosts.filter((host) => host.name !== name);
const moved = (name: string, address: string) => (hosts: readonly { readonly name: string }[]) =>
  hosts.map((host) => (host.name === name ? { ...host, address } : host));

async function blockersOf(model: ModelWorld): Promise<readonly string[]> {
  const { plan } = await planOf(model);
  return plan.blockers.map(({ resource, reason }) => `${resource.split("/")[0] ?? ""} ${reason}`);
}

/** Files and reloads that a plan would bring about. */
async function stepsOf(model: ModelWorld): Promise<readonly string[]> {
  return (await planOf(model)).plan.steps.map((step) => step.id);
}

describe("a host that leaves the manifest", () => {
  it("as a member is named, and is dropped from no file: pg_hba.conf, HAProxy and Patroni keep it", async () => {
    const model = (await convergedWorld()).copy(edited("clusters", without("db-slave-02")));
    assert.deepEqual(await blockersOf(model), ["PostgresHACluster MemberUndeclared"]);
    assert.deepEqual(await stepsOf(model), []);
    assert.equal(nextWave((await planOf(model)).plan).kind, "blocked");
  });

  it("as a proxy or a pooler is named, and the cluster admits it still", async () => {
    const proxy = (await convergedWorld()).copy(edited("haproxyPools", without("proxy-02")));
    assert.deepEqual(await blockersOf(proxy), ["HAProxyPool HostUndeclared"]);
    // Nobody new is sent there; nothing of it changes.
    const renewed = (role: string): string => `controller/PostgresHACluster/keybuzz-pg/secret keybuzz-pg-${role}`;
    assert.deepEqual(await stepsOf(proxy), [renewed("superuser")]);
    const pooler = (await convergedWorld()).copy(edited("pgbouncerPools", without("proxy-02")));
    assert.deepEqual(await blockersOf(pooler), ["PgBouncerPool HostUndeclared"]);
    assert.deepEqual(await stepsOf(pooler), [renewed("role-keybuzz"), renewed("role-n8n")]);
  });

  it("is named where another takes its place, under its name or a new one, and nothing is begun there", async () => {
    const model = await convergedWorld();
    const replaced = model.copy(edited("clusters", moved("db-slave-02", "10.0.0.99")));
    assert.ok((await blockersOf(replaced)).includes("PostgresHACluster MemberUndeclared"));
    assert.equal(nextWave((await planOf(replaced)).plan).kind, "blocked");
    const renamed = model.copy(
      edited("clusters", (hosts) =>
        hosts.map((host) =>
          host.name === "db-slave-02" ? { ...host, name: "db-slave-03", address: "10.0.0.99" } : host,
        ),
      ),
    );
    assert.ok((await blockersOf(renamed)).includes("PostgresHACluster MemberUndeclared"));
    const { plan } = await planOf(renamed);
    assert.equal(nextWave(plan).kind, "blocked");
    const record = await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg");
    assert.deepEqual(Object.keys(record.hosts).toSorted(), ["db-master-01", "db-slave-01", "db-slave-02"]);
  });

  it("is forgotten when a person says so, unless something counts on it", async () => {
    const { world, ...rest } = await convergedWorld();
    const model = (await convergedWorld()).copy(edited("haproxyPools", without("proxy-02")));
    assert.ok(rest.hosts.size > 0 && world !== model.world);
    const pass = await planOf(model);
    assert.deepEqual(await forgetHost("proxy-01", pass, model.world.store), [
      { kind: "listed", resource: "HAProxyPool/keybuzz-haproxy" },
      { kind: "listed", resource: "PgBouncerPool/keybuzz-pgbouncer" },
    ]);
    assert.deepEqual(
      (await forgetHost("proxy-02", pass, model.world.store)).map(({ kind }) => kind),
      ["forgotten", "listed"],
    );
    assert.deepEqual(await blockersOf(model), []);
    const member = (await convergedWorld()).copy(edited("clusters", without("db-slave-02")));
    const [kept] = await forgetHost("db-slave-02", await planOf(member), member.world.store);
    assert.equal(kept?.kind, "in-use", "it votes still");
  });

  it("was never one before anything was begun: a list is corrected freely", async () => {
    const [cluster] = sampleStack().clusters;
    assert.ok(cluster !== undefined);
    const hosts = { typo: { address: "10.0.0.9", machineId: "m" } };
    assert.equal(hostsInUse(cluster, { hosts }).length, 3);
    assert.equal(hostsInUse(cluster, { hosts, systemId: "1" }).length, 4);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { load } from "js-yaml";
import { nextWave } from "../../../src/plan/wave.ts";
import { takeAll, planOf, inOrder } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "db-master-01.lan": ["10.0.0.120"],
  "db-slave-01.lan": ["10.0.0.121"],
  "db-slave-02.lan": ["10.0.0.122"],
  "proxy-01.lan": ["10.0.0.11"],
  "proxy-02.lan": ["10.0.0.12"],
};
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];

/** The sample stack, with names for its addresses. */
function byName(additionalHba: readonly string[] = []): ModelWorld {
  const stack = sampleStack();
  const named = <T extends { readonly name: string }>(hosts: readonly T[]) =>
    hosts.map((host) => ({ ...host, address: `${host.name}.lan` }));
  const model = new ModelWorld({
    ...stack,
    clusters: stack.clusters.map((one) => ({
      ...one,
      spec: { ...one.spec, hosts: named(one.spec.hosts), postgresql: { ...one.spec.postgresql, additionalHba } },
    })),
    haproxyPools: stack.haproxyPools.map((one) => ({ ...one, spec: { ...one.spec, hosts: named(one.spec.hosts) } })),
    pgbouncerPools: stack.pgbouncerPools.map((one) => ({
      ...one,
      spec: { ...one.spec, hosts: named(one.spec.hosts) },
    })),
  });
  say(model, ADDRESSES);
  return model;
}

/** What names mean, on all hosts or on some of them. */
function say(
  model: ModelWorld,
  addresses: Readonly<Record<string, readonly string[]>>,
  hosts: readonly string[] = [...model.hosts.keys()],
): void {
  for (const host of hosts)
    model.host(host).names = Object.entries({
      ...Object.fromEntries(model.host(host).names.map((fact) => [fact.name, fact.addresses])),
      ...addresses,
    }).map(([name, found]) => ({ name, addresses: found, namesOfThose: [], hostsFile: "" }));
}

async function converged(): Promise<ModelWorld> {
  const model = byName();
  await takeAll(model);
  return model;
}

/** The addresses from which the replication user is let in by a member's file, loopback left out. */
function letIn(model: ModelWorld, host: string): readonly string[] {
  const file = load(model.host(host).files.get("/etc/patroni/config.yml")?.content ?? "") as {
    readonly postgresql: { readonly pg_hba: readonly string[] };
  };
  return file.postgresql.pg_hba
    .map((line) => line.split(" "))
    .filter(([, database, , from = ""]) => database === "replication" && !/^127|^::1/.test(from))
    .map(([, , , from = ""]) => from);
}

const OWN = ["10.0.0.120/32", "10.0.0.121/32", "10.0.0.122/32"];

describe("hosts by name, in pg_hba.conf", () => {
  it("are the addresses that the members find behind the names, on every member, from the first file on", async () => {
    const model = byName();
    await takeAll(model, (now) => {
      for (const { change, host = "" } of now)
        if (change.kind === "write-file" && change.file.path === "/etc/patroni/config.yml")
          assert.doesNotMatch(change.file.content, /[.]lan scram/, host);
    });
    for (const host of MEMBERS) assert.deepEqual(letIn(model, host), OWN);
    assert.match(
      model.host("db-slave-01").files.get("/etc/patroni/config.yml")?.content ?? "",
      /host all all 10[.]0[.]0[.]11\/32 scram-sha-256/,
    );
    const { plan } = await planOf(model);
    assert.deepEqual([plan.steps, plan.blockers], [[], []]);
  });

  it("stay as they are from look to look, in whatever order they come, and while a host is away", async () => {
    const model = await converged();
    say(model, { "db-slave-01.lan": ["10.0.0.121", "fd00::121"] });
    await takeAll(model);
    assert.deepEqual(letIn(model, "db-master-01"), [...OWN.slice(0, 2), "fd00::121/128", ...OWN.slice(2)]);
    say(model, { "db-slave-01.lan": ["fd00::121", "10.0.0.121"] }, ["db-master-01"]);
    assert.deepEqual((await planOf(model)).plan.steps, []);
    // One that knows half of it does not take the other half from anybody.
    say(model, { "db-slave-01.lan": ["10.0.0.121"] }, ["db-slave-02"]);
    assert.deepEqual((await planOf(model)).plan.steps, []);
    model.host("db-master-01").reachable = false;
    assert.deepEqual(
      (await planOf(model)).plan.steps.filter(({ change }) => change.kind === "write-file"),
      [],
    );
  });

  it("stay while a name means nothing anywhere, and that is said", async () => {
    const model = await converged();
    say(model, { "db-slave-01.lan": [] });
    const { plan } = await planOf(model);
    assert.deepEqual(plan.steps, []);
    const found = plan.blockers.filter(({ reason, resource }) => reason === "NameResolution" && resource === CLUSTER);
    assert.deepEqual(
      found.map(({ host }) => host),
      MEMBERS,
    );
    for (const { why } of found)
      assert.match(why, /does not know the name db-slave-01[.]lan; pg_hba[.]conf goes by 10[.]0[.]0[.]121 for it/);
  });

  it("stay where the host itself has its name on loopback, and its own word counts last", async () => {
    const model = await converged();
    say(model, { "db-slave-01.lan": ["127.0.1.1"] }, ["db-slave-01"]);
    assert.deepEqual((await planOf(model)).plan.steps, []);
    // nss-myhostname tells every address of the host.
    say(model, { "db-slave-01.lan": ["10.0.0.121", "172.17.0.1", "fe80::1"] }, ["db-slave-01"]);
    assert.deepEqual((await planOf(model)).plan.steps, []);
  });

  it("follow another resolution by a reload of Patroni, once nobody says the old one", async () => {
    const model = await converged();
    say(model, { "db-slave-01.lan": ["10.0.0.99"] });
    const { plan } = await planOf(model);
    assert.deepEqual(plan.blockers, []);
    const wave = nextWave(plan);
    assert.equal(wave.kind, "steps");
    assert.deepEqual(
      inOrder(plan).map(({ host, change }) => [host, change.kind]),
      [...MEMBERS.map((host) => [host, "write-file"]), ...MEMBERS.map((host) => [host, "reload-unit"])],
    );
    await takeAll(model);
    for (const host of MEMBERS) assert.deepEqual(letIn(model, host), [OWN[0], "10.0.0.99/32", OWN[2]]);
  });

  it("are added before others are dropped while the members do not agree", async () => {
    const model = await converged();
    say(model, { "proxy-01.lan": ["10.0.0.11", "10.0.0.77"] }, ["db-slave-01"]);
    await takeAll(model);
    say(model, { "proxy-01.lan": ["10.0.0.77"] }, ["db-slave-01", "db-slave-02"]);
    await takeAll(model);
    const lines = () => model.host("db-master-01").files.get("/etc/patroni/config.yml")?.content ?? "";
    assert.match(lines(), /host all all 10[.]0[.]0[.]11\/32/);
    assert.match(lines(), /host all all 10[.]0[.]0[.]77\/32/);
    say(model, { "proxy-01.lan": ["10.0.0.77"] });
    await takeAll(model);
    assert.doesNotMatch(lines(), /host all all 10[.]0[.]0[.]11\/32/);
  });

  it("in lines of a person stay names, and are told where PostgreSQL would not go by them", async () => {
    const model = byName(["host all all app.lan scram-sha-256", "host all all .example.com scram-sha-256"]);
    await takeAll(model);
    for (const [facts, words] of [
      [
        { addresses: ["10.0.0.50"], namesOfThose: ["vm-50.cloud"] },
        /leads back to vm-50[.]cloud .* the line of .* app[.]lan/,
      ],
      [{ addresses: [], namesOfThose: [] }, /does not know the name app[.]lan there/],
    ] as const) {
      for (const host of MEMBERS)
        model.host(host).names = [
          ...model.host(host).names.filter(({ name }) => name !== "app.lan"),
          { name: "app.lan", hostsFile: "", ...facts },
        ];
      const { plan } = await planOf(model);
      assert.deepEqual([plan.steps, plan.blockers], [[], []]);
      const warned = plan.warnings.filter(({ reason }) => reason === "NameResolution");
      assert.equal(warned.length, MEMBERS.length);
      assert.match(warned[0]?.message ?? "", words);
    }
  });
});

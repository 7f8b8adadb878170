import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { loadManifests } from "../../../src/api/load.ts";
import { parseDocuments } from "../../../src/api/parse.ts";
import { InvalidInputError } from "../../../src/errors.ts";
import { force, judge, places, soundStack } from "./stack.ts";

const sample = new URL("../../../manifests/samples/keybuzz.yaml", import.meta.url).pathname;

test("the sample holds three sound resources and nothing to warn of", async () => {
  const { resources, warnings } = await loadManifests([sample]);
  assert.deepEqual(
    resources.map((resource) => `${resource.kind}/${resource.metadata.name}`),
    ["PostgresHACluster/keybuzz-pg", "HAProxyPool/keybuzz-haproxy", "PgBouncerPool/keybuzz-pgbouncer"],
  );
  assert.deepEqual(warnings, []);
});

test("every sample is sound by itself, and all together", async () => {
  const folder = new URL("../../../manifests/samples/", import.meta.url).pathname;
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).map((name) => folder + name);
  assert.ok(files.length >= 2);
  for (const paths of [...files.map((file) => [file]), [folder]])
    assert.deepEqual((await loadManifests(paths)).warnings, []);
});

test("what has a default is filled in, on every level, and what was written stays", () => {
  const { resources } = judge();
  const cluster = resources[0];
  assert.ok(cluster?.kind === "PostgresHACluster");
  assert.equal(cluster.spec.patroni.dcs.raft.port, 7000);
  assert.equal(cluster.spec.ssh.user, "root");
  assert.equal(cluster.spec.hosts[0]?.failoverPriority, 1);
  assert.equal(cluster.spec.roles[0]?.connectionLimit, -1);
  assert.deepEqual(cluster.spec.postgresql.parameters, { max_connections: 200 });
});

test("a field without a value counts as left out, as for the API server", () => {
  const { problems, resources } = judge(({ cluster }) => force(cluster.spec, "patroni", null));
  assert.deepEqual(problems, []);
  assert.ok(resources[0]?.kind === "PostgresHACluster" && resources[0].spec.patroni.failover === "Standard");
});

test("an unknown field is refused and the likely one is named", () => {
  const { problems } = judge(({ cluster }) => force(cluster.spec.postgresql.dataVolume, "mountpath", "/x"));
  assert.deepEqual(problems, [
    {
      resource: "PostgresHACluster/main",
      path: "spec.postgresql.dataVolume.mountpath",
      message: "there is no such field",
      wayOut: "did you mean mountPath?",
    },
  ]);
});

test("a boolean among parameters is refused with the quotes it lacks", () => {
  const { problems } = judge(({ cluster }) => force(cluster.spec.postgresql.parameters ?? {}, "jit", false));
  assert.equal(problems[0]?.path, "spec.postgresql.parameters.jit");
  assert.match(problems[0]?.message ?? "", /false, a boolean/);
  assert.match(problems[0]?.wayOut ?? "", /'off' in quotes/);
});

test("on and yes without quotes are booleans, as kubectl reads them", () => {
  const { problems } = parseDocuments(
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: yes}",
    "a.yaml",
  );
  assert.deepEqual(places(problems), ["Secret/a stringData.password"]);
});

test("wrong types say what was given and what is wanted", () => {
  const cases: readonly [unknown, RegExp, RegExp][] = [
    ["17", /is "17", text, where a whole number is wanted/, /leave out the quotes: 17/],
    [17.5, /is 17.5, a number with a fraction/, /write a whole number/],
    [[17], /is a list where a whole number is wanted/, /write a whole number/],
    [12, /is 12/, /from 13 to 18/],
  ];
  for (const [value, message, wayOut] of cases) {
    const { problems } = judge(({ cluster }) => force(cluster.spec.postgresql, "version", value));
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.message ?? "", message);
    assert.match(problems[0]?.wayOut ?? "", wayOut);
  }
});

test("broken shapes do not hide what does not fit together: all is told in one go", () => {
  const { problems } = judge(({ cluster, haproxy, pgbouncer }) => {
    force(cluster.spec.postgresql, "version", "seventeen");
    force(cluster.spec, "hosts", [
      ...cluster.spec.hosts.slice(0, 2),
      { name: "db-3" },
      { name: "db-4", address: "10.0.0.120" },
    ]);
    force(haproxy.spec, "clusterRef", { nam: "main" });
    pgbouncer.spec.port = 5432;
  });
  assert.deepEqual(places(problems).toSorted(), [
    "HAProxyPool/proxy spec.clusterRef.nam",
    "HAProxyPool/proxy spec.clusterRef.name",
    "HAProxyPool/proxy spec.ports.write",
    "PgBouncerPool/pooler spec.haproxyPoolRef",
    "PostgresHACluster/main spec.hosts",
    "PostgresHACluster/main spec.hosts[2].address",
    "PostgresHACluster/main spec.hosts[2].hostKey",
    "PostgresHACluster/main spec.hosts[3].address",
    "PostgresHACluster/main spec.hosts[3].hostKey",
    "PostgresHACluster/main spec.postgresql.version",
  ]);
});

test("a broken resource is never handed out", () => {
  const { resources } = judge(({ cluster }) => force(cluster.spec, "extra", 1));
  assert.deepEqual(
    resources.map((resource) => resource.kind),
    ["HAProxyPool", "PgBouncerPool"],
  );
});

test("unknown kinds, missing kinds and things that are no resources are refused by their place in the file", () => {
  const { problems } = parseDocuments(
    "kind: PostgresHaCluster\n---\nkind: ConfigMap\n---\nmetadata: {}\n---\n- 1\n---\nhello",
    "x.yaml",
  );
  assert.deepEqual(
    problems.map(({ resource, path }) => `${resource}|${path}`),
    [
      "x.yaml document 1|kind",
      "x.yaml document 2|kind",
      "x.yaml document 3|kind",
      "x.yaml document 4|",
      "x.yaml document 5|",
    ],
  );
  assert.equal(problems[0]?.wayOut, "did you mean PostgresHACluster?");
});

test("a List is read as what it lists", () => {
  const { cluster, haproxy } = soundStack();
  const { resources } = parseDocuments(
    JSON.stringify({ apiVersion: "v1", kind: "List", items: [cluster, haproxy] }),
    "list.json",
  );
  assert.equal(resources.length, 2);
});

test("Secrets are passed through, and their values never get into a message", () => {
  const text =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: [hunter2]}\n---\napiVersion: " +
    "v1\nkind: Secret\nmetadata: {name: b}\nstringData: {password: hunter3}";
  const { secrets, problems } = parseDocuments(text, "s.yaml");
  assert.deepEqual(
    secrets.map((secret) => secret.stringData),
    [{ password: "hunter3" }],
  );
  assert.deepEqual(places(problems), ["Secret/a stringData.password"]);
  assert.doesNotMatch(JSON.stringify(problems), /hunter/);
});

test("a private key pasted in place of a Secret's name is not printed", () => {
  const { problems } = judge(({ cluster }) =>
    force(cluster.spec.ssh, "privateKeySecretRef", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc"),
  );
  assert.equal(problems[0]?.path, "spec.ssh.privateKeySecretRef");
  assert.doesNotMatch(JSON.stringify(problems), /abc/);
});

test("files that can't be read and files that are no YAML are told together", async () => {
  await assert.rejects(loadManifests(["/does/not/exist.yaml", new URL(import.meta.url).pathname]), (error: unknown) => {
    assert.ok(error instanceof InvalidInputError);
    assert.equal(error.problems.length, 2);
    assert.match(error.problems[0]?.message ?? "", /does not exist/);
    assert.match(error.problems[1]?.message ?? "", /is not valid YAML: .* in line [0-9]+, column/);
    return true;
  });
});

test("a set of files without a resource of ours is refused", async () => {
  await assert.rejects(loadManifests([]), InvalidInputError);
});

test("the sample as pasted text gives the same resources as the file", async () => {
  const parsed = parseDocuments(await readFile(sample, "utf8"), "pasted");
  assert.deepEqual(parsed.resources, (await loadManifests([sample])).resources);
});

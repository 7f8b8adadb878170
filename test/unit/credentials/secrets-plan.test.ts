import assert from "node:assert/strict";
import { format, inspect } from "node:util";
import { test } from "node:test";
import { resolveCredentials } from "../../../src/credentials/credentials.ts";
import { makeVerifier, verifierMatches } from "../../../src/credentials/scram.ts";
import type { SecretDocument } from "../../../src/credentials/secret.ts";
import { plannedSecrets, secretsPlan } from "../../../src/credentials/secrets-plan.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { desiredSecrets } from "../../../src/credentials/wish.ts";
import { byName, cluster, pools, revealed, secretOf } from "./fixture.ts";

const wishes = desiredSecrets(cluster, pools);
const fresh = plannedSecrets(secretsPlan(wishes, new Map()), new Map());
const NOTHING = { create: [], complete: [], renew: [], problems: [], unusable: [] };
const withOnly = (secret: SecretDocument) => secretsPlan(wishes, byName(...fresh, secret));

void test("one Secret is wished for per account, and none for a role that cannot log in", () => {
  assert.deepEqual(
    wishes.map(({ name, username, endpoint }) => [
      name,
      username,
      endpoint === undefined ? "" : `${endpoint.host}:${endpoint.port}/${endpoint.dbname}`,
    ]),
    [
      ["main-superuser", "postgres", "10.0.0.11:5432/postgres"],
      ["main-replication", "replicator", ""],
      ["main-rewind", "rewind_user", ""],
      ["main-patroni-api", "patroni", ""],
      ["main-raft", "raft", ""],
      ["main-pgbouncer-admin", "pgbouncer_admin", "10.0.0.11:6432/pgbouncer"],
      ["main-pgbouncer-stats", "pgha_stats", "10.0.0.11:6432/pgbouncer"],
      ["main-role-n8n", "n8n", "10.0.0.11:6432/flows"],
      ["own", "key_buzz", "10.0.0.11:6432/postgres"],
    ],
  );
});

void test("without pools in front, clients are sent to a member", () => {
  const alone = desiredSecrets(cluster, { haproxy: [], pgbouncer: [] });
  assert.deepEqual(alone.find(({ name }) => name === "main-role-n8n")?.endpoint, {
    host: "10.0.0.1",
    port: 5432,
    dbname: "flows",
    hosts: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
    only: "read-write",
  });
  assert.ok(!alone.some(({ purpose }) => purpose.startsWith("pgbouncer")));
});

void test("where nothing exists everything is made, and then nothing is left to do", () => {
  assert.equal(fresh.length, wishes.length);
  assert.deepEqual(secretsPlan(wishes, byName(...fresh)), NOTHING);
  const n8n = revealed(fresh.find(({ name }) => name === "main-role-n8n"));
  assert.deepEqual(Object.keys(n8n).toSorted(), ["dbname", "host", "password", "port", "uri", "username", "verifier"]);
  assert.equal(n8n["uri"], `postgresql://n8n:${n8n["password"]}@10.0.0.11:6432,10.0.0.12:6432/flows?connect_timeout=5`);
});

void test("F94 no two accounts get the same password", () => {
  assert.equal(new Set(fresh.map((secret) => secret.data["password"]?.reveal())).size, fresh.length);
});

void test("F66 a Secret with only a password gets its verifier once, and keeps what it has", () => {
  const given = secretOf(
    "main-role-n8n",
    { password: "a very good one, I'd say", host: "pg.example.com", note: "mine" },
    "Opaque",
  );
  const plan = withOnly(given);
  assert.deepEqual(
    plan.complete.map(({ wish, missing }) => [wish.name, missing]),
    [["main-role-n8n", ["username", "verifier", "port", "dbname", "uri"]]],
  );
  const [completed] = plannedSecrets(plan, byName(...fresh, given));
  assert.ok(completed);
  const data = revealed(completed);
  assert.deepEqual([data["password"], data["note"], completed.type], ["a very good one, I'd say", "mine", "Opaque"]);
  assert.equal(data["uri"], "postgresql://n8n:a%20very%20good%20one%2C%20I%27d%20say@pg.example.com:6432/flows");
  assert.ok(verifierMatches(sensitive(data["verifier"] ?? ""), sensitive(data["password"] ?? "")));
  assert.deepEqual(withOnly(completed), NOTHING);
});

void test("F90 F66 what a person supplied wrongly is refused with its field, and not completed", () => {
  const refuse = (data: Readonly<Record<string, string>>, type?: string) => {
    const plan = withOnly(secretOf("main-role-n8n", data, type));
    assert.deepEqual(plan.complete, []);
    return plan.unusable
      .flatMap(({ problems }) => problems)
      .map(({ resource, path, message }) => `${resource} ${path} ${message}`)
      .join("\n");
  };
  const password = "hYd7-2kk!x9";
  assert.match(
    refuse({ username: "n8n", password: "CHANGE_ME" }),
    /^Secret\/main-role-n8n data\.password .*placeholder/,
  );
  assert.match(refuse({ username: "chatwoot", password }), /data\.username is not "n8n"/);
  assert.match(refuse({ username: "n8n\n", password }), /data\.username/);
  assert.match(refuse({ username: "n8n" }), /data\.password is missing/);
  assert.match(
    refuse({ password, verifier: makeVerifier(sensitive("another"), undefined, 1).reveal() }),
    /data\.verifier was not made from the password beside it/,
  );
  assert.match(refuse({ password, verifier: "md5whatever" }), /data\.verifier is not a SCRAM/);
  assert.match(refuse({ password, uri: "postgresql://n8n:old-one@h/d" }), /data\.uri holds another password/);
  assert.match(refuse({ password }, "kubernetes.io/tls"), /is of type kubernetes\.io\/tls/);
  assert.equal(refuse({ username: "no", password: "xxx" }).split("\n").length, 2, "all findings at once");
});

void test("a URI that is somebody's own is left alone", () => {
  const plan = withOnly(secretOf("main-role-n8n", { password: "hYd7-2kk!x9", uri: "jdbc:postgresql://h/d" }));
  assert.deepEqual(plan.problems, []);
});

void test("F94 the superuser's password may not be an application's too", () => {
  const shared = "hYd7-2kk!x9";
  const plan = secretsPlan(
    wishes,
    byName(...fresh, secretOf("main-superuser", { password: shared }), secretOf("own", { password: shared })),
  );
  assert.deepEqual(
    plan.problems.map(({ resource }) => resource),
    ["Secret/own"],
  );
  assert.match(plan.problems[0]?.message ?? "", /the same password as the superuser postgres/);
});

void test("one Secret for two accounts is refused", () => {
  const twice = desiredSecrets(
    { ...cluster, spec: { ...cluster.spec, credentials: { rewindSecretRef: { name: "main-replication" } } } },
    pools,
  );
  assert.match(
    secretsPlan(twice, new Map()).problems[0]?.message ?? "",
    /both the replication role replicator and the rewind role rewind_user/,
  );
});

void test("credentials are complete or not there at all", () => {
  const credentials = resolveCredentials(cluster, byName(...fresh));
  assert.ok(credentials);
  assert.deepEqual(Object.keys(credentials.roles).toSorted(), ["key_buzz", "n8n"]);
  assert.equal(credentials.superuser.username, "postgres");
  assert.equal(
    credentials.roles["n8n"]?.verifier.reveal(),
    fresh.find(({ name }) => name === "main-role-n8n")?.data["verifier"]?.reveal(),
  );
  for (const missing of wishes.filter(({ purpose }) => !purpose.startsWith("pgbouncer"))) {
    assert.equal(
      resolveCredentials(cluster, byName(...fresh.filter(({ name }) => name !== missing.name))),
      undefined,
      missing.name,
    );
  }
});

void test("F92 no password shows, however a Secret, a plan or credentials are printed", () => {
  const password = "hYd7-2kk!x9";
  const secret = secretOf("main-role-n8n", { password });
  const plan = withOnly(secret);
  const shown = [secret, plan, resolveCredentials(cluster, byName(...fresh)), secret.data["password"]].flatMap(
    (value) => [
      JSON.stringify(value),
      inspect(value, { depth: null, showHidden: true }),
      format("%s %o", value, value),
    ],
  );
  for (const text of shown) {
    for (const one of [password, ...fresh.map(({ data }) => data["password"]?.reveal() ?? "")]) {
      assert.ok(!text.includes(one));
    }
  }
  assert.match(shown.join("\n"), /\*\*\*/);
});

void test("a password of the cluster's own accounts keeps to ASCII, and a role's may hold anything", () => {
  const withPassword = (name: string, text: string) => {
    const { data: _, ...secret } = fresh.find((one) => one.name === name) ?? assert.fail(name);
    return withOnly({ ...secret, data: { password: sensitive(text) } }).unusable.flatMap(({ problems }) => problems);
  };
  for (const name of ["main-superuser", "main-replication", "main-rewind", "main-patroni-api", "main-raft"]) {
    for (const text of ["päßwörterbuch", "kl\u00a0eine Pause", "日本語日本語日本語"]) {
      const [problem, ...more] = withPassword(name, text);
      assert.deepEqual([problem?.resource, problem?.path, more], [`Secret/${name}`, "data.password", []]);
      assert.match(problem?.message ?? "", /outside ASCII/);
      assert.match(problem?.wayOut ?? "", /remove the Secret/);
      assert.ok(!JSON.stringify(problem).includes(text));
    }
    assert.deepEqual(withPassword(name, `all of it: '"%\\#;$~ {}[]`), []);
  }
  assert.deepEqual(withPassword("main-role-n8n", "päßwörterbuch"), []);
});

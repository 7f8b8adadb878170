import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { combineSecrets } from "../../../src/credentials/combine.ts";
import { writtenSecret } from "../../../src/credentials/secret.ts";
import type { SecretDocument } from "../../../src/credentials/secret.ts";
import { completeSecret, createSecret } from "../../../src/credentials/secret-values.ts";
import { plannedSecrets, secretsPlan } from "../../../src/credentials/secrets-plan.ts";
import type { SecretsPlan } from "../../../src/credentials/secrets-plan.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { desiredSecrets } from "../../../src/credentials/wish.ts";
import type { SecretWish } from "../../../src/credentials/wish.ts";
import { clusterSecrets } from "../../../src/reconcilers/secrets.ts";
import { byName, cluster, pools, revealed } from "./fixture.ts";

const NAME = "main-role-n8n";
const NO_POOLS = { haproxy: [], pgbouncer: [] };

function wishOf(behind: Parameters<typeof desiredSecrets>[1], of = cluster): SecretWish {
  const wish = desiredSecrets(of, behind).find(({ name }) => name === NAME);
  assert.ok(wish);
  return wish;
}

/** Made on the first visit, when no pool was known. */
const early = createSecret(wishOf(NO_POOLS));

function planFor(secret: SecretDocument, wish = wishOf(pools)): SecretsPlan {
  return secretsPlan([wish], byName(secret));
}

function changed(secret: SecretDocument, data: Readonly<Record<string, string>>): SecretDocument {
  return {
    ...secret,
    data: {
      ...secret.data,
      ...Object.fromEntries(Object.entries(data).map(([key, value]) => [key, sensitive(value)])),
    },
  };
}

test("a Secret that was made before there was a pooler is made to lead there, and keeps its password", () => {
  const plan = planFor(early);
  assert.deepEqual(
    plan.renew.map(({ wish, missing, leads }) => [wish.name, missing, leads]),
    [[NAME, [], "to 10.0.0.1:5432/flows instead of 10.0.0.11:6432/flows"]],
  );
  const [renewed] = plannedSecrets(plan, byName(early));
  assert.ok(renewed);
  const { uri, host, port, dbname, ...rest } = revealed(renewed);
  assert.deepEqual(
    [host, port, dbname, uri],
    [
      "10.0.0.11",
      "6432",
      "flows",
      `postgresql://n8n:${rest["password"]}@10.0.0.11:6432,10.0.0.12:6432/flows?connect_timeout=5`,
    ],
  );
  const before = revealed(early);
  assert.deepEqual(rest, { username: "n8n", password: before["password"], verifier: before["verifier"] });
  assert.deepEqual(planFor(renewed), { create: [], complete: [], renew: [], problems: [], unusable: [] });
});

test("it is renewed when the pool moves, when it goes, and when the role owns another database", () => {
  const [pooler] = pools.pgbouncer;
  assert.ok(pooler);
  const made = createSecret(wishOf(pools));
  const leads = (wish: SecretWish) => planFor(made, wish).renew.map((one) => one.leads);
  assert.deepEqual(leads(wishOf({ ...pools, pgbouncer: [{ ...pooler, spec: { ...pooler.spec, port: 7777 } }] })), [
    "to 10.0.0.11:6432/flows instead of 10.0.0.11:7777/flows",
  ]);
  assert.deepEqual(
    leads(
      wishOf({ ...pools, pgbouncer: [{ ...pooler, spec: { ...pooler.spec, hosts: pooler.spec.hosts.toReversed() } }] }),
    ),
    ["to 10.0.0.11:6432/flows instead of 10.0.0.12:6432/flows"],
  );
  assert.deepEqual(leads(wishOf({ ...pools, pgbouncer: [] })), [
    "to 10.0.0.11:6432/flows instead of 10.0.0.11:5432/flows",
  ]);
  const moved = {
    ...cluster,
    spec: { ...cluster.spec, databases: [{ ...cluster.spec.databases[0], name: "orders", owner: "n8n" }] },
  } as typeof cluster;
  assert.deepEqual(leads(wishOf(pools, moved)), ["to 10.0.0.11:6432/flows instead of 10.0.0.11:6432/orders"]);
  assert.deepEqual(leads(wishOf(pools)), []);
});

test("of two poolers the first by name is meant, in whatever order they are read", () => {
  const [pooler] = pools.pgbouncer;
  assert.ok(pooler);
  const other = { ...pooler, metadata: { name: "another" }, spec: { ...pooler.spec, port: 6433 } };
  for (const pgbouncer of [
    [pooler, other],
    [other, pooler],
  ])
    assert.equal(wishOf({ ...pools, pgbouncer }).endpoint?.port, 6433);
});

test("a Secret of a person's, of another cluster's or an immutable one says what it says", () => {
  const [managedBy, ofCluster] = ["app.kubernetes.io/managed-by", "pgha.keybuzz.io/cluster"];
  const foreign: readonly SecretDocument[] = [
    { ...early, labels: {} },
    { ...early, labels: { [managedBy]: "pgha" } },
    { ...early, labels: { [ofCluster]: "main" } },
    { ...early, labels: { [managedBy]: "Helm", [ofCluster]: "main" } },
    { ...early, labels: { [managedBy]: "pgha", [ofCluster]: "other" } },
    { ...early, immutable: true },
  ];
  for (const secret of foreign) {
    assert.deepEqual(
      planFor(secret),
      { create: [], complete: [], renew: [], problems: [], unusable: [] },
      inspect(secret.labels),
    );
    assert.deepEqual(completeSecret(wishOf(pools), secret), secret);
  }
});

test("what a person added to a Secret of pgha's stays, and what is lacking is added in the same step", () => {
  const { verifier, ...data } = changed(early, { note: "mine" }).data;
  assert.ok(verifier);
  const theirs = { ...early, labels: { ...early.labels, team: "a" }, annotations: { why: "b" }, data };
  const { steps } = clusterSecrets(cluster, pools, byName(theirs));
  const step = steps.find(({ change }) => change.kind === "write-secret" && change.secret === NAME);
  assert.deepEqual(step?.change, { kind: "write-secret", secret: NAME, purpose: "role n8n", how: "renew" });
  assert.equal(step?.because, "it leads to 10.0.0.1:5432/flows instead of 10.0.0.11:6432/flows, and lacks verifier");
  const renewed = completeSecret(wishOf(pools), theirs);
  assert.deepEqual(
    [renewed.labels["team"], renewed.annotations, renewed.data["note"]?.reveal(), renewed.data["password"]],
    ["a", { why: "b" }, "mine", early.data["password"]],
  );
});

test("F92 why it is renewed never shows the uri or what a person wrote where an address belongs", () => {
  const password = early.data["password"]?.reveal() ?? "";
  const uri = early.data["uri"]?.reveal() ?? "";
  for (const data of [
    { uri: `${uri}?sslmode=disable` },
    { host: uri },
    { dbname: `flows?password=${password}` },
    { port: "x\u001b[2J" },
  ]) {
    const { renew } = planFor(changed(early, data), wishOf(NO_POOLS));
    assert.equal(renew.length, 1);
    assert.ok(!inspect(renew, { depth: null }).includes(password));
    assert.match(
      renew[0]?.leads ?? "",
      /^(elsewhere than to 10\.0\.0\.1:5432\/flows|to 10\.0\.0\.1:5432\/flows, but not by its uri)$/,
    );
  }
});

test("a uri with another password is still a person's matter", () => {
  const plan = planFor(changed(early, { uri: "postgresql://n8n:old-one@10.0.0.1:5432/flows" }));
  assert.deepEqual(
    [plan.renew, plan.unusable.flatMap(({ problems }) => problems).map(({ path }) => path)],
    [[], ["data.uri"]],
  );
});

test("a copy of a Secret beside the manifest does not bring back where it led when it was copied", () => {
  const kept = completeSecret(wishOf(pools), early);
  const { secrets, problems } = combineSecrets([writtenSecret(early)], byName(kept), ".pgha");
  assert.deepEqual(problems, []);
  assert.deepEqual(revealed(secrets.get(NAME)), revealed(kept));
  const own = combineSecrets([writtenSecret({ ...early, labels: {} })], byName(kept), ".pgha").secrets.get(NAME);
  assert.equal(own?.data["host"]?.reveal(), "10.0.0.1", "what a person wrote by hand counts");
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { generatePassword, makeVerifier, sensitive, verifierMatches } from "../../../src/credentials/index.ts";
import type { SecretDocument } from "../../../src/credentials/index.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { keepSecrets } from "../../../src/reconcilers/record.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import type { StateStore } from "../../../src/state/index.ts";
import { convergedWorld, inOrder, planOf, takeAll } from "../../model/converge.ts";
import { worldWithSecrets } from "../../model/world-with-secrets.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const SECRET = "keybuzz-pg-role-n8n";
const VERIFIERS = "keybuzz-pg-verifiers";
const USERLIST = "/etc/pgha/pgbouncer/userlist.txt";
const POOL = "PgBouncerPool/keybuzz-pgbouncer";
const pristine = await convergedWorld();

interface Changed {
  readonly without?: readonly string[];
  readonly change?: (secret: SecretDocument) => SecretDocument;
  readonly of?: string;
  readonly rotate?: readonly string[];
}

/** The converged world with some of its Secrets gone or changed, with a store of its own. */
async function world({ without = [], change = (secret) => secret, of = SECRET, rotate = [] }: Changed) {
  return worldWithSecrets(
    pristine,
    (secret) => (without.includes(secret.name) ? undefined : secret.name === of ? change(secret) : secret),
    rotate,
  );
}

const valueIn = async (store: StateStore, name: string, key: string): Promise<string | undefined> =>
  (await store.readSecrets()).get(name)?.data[key]?.reveal();
const without = (secret: SecretDocument, ...keys: readonly string[]): SecretDocument => ({
  ...secret,
  data: Object.fromEntries(Object.entries(secret.data).filter(([key]) => !keys.includes(key))),
});
const withPassword = (secret: SecretDocument, password: string): SecretDocument => ({
  ...secret,
  data: { ...secret.data, password: sensitive(password) },
});
const onlyPassword = (secret: SecretDocument): SecretDocument =>
  without(secret, ...Object.keys(secret.data).filter((key) => key !== "password"));
const digestOf = (verifier: string | undefined): string =>
  createHash("sha256")
    .update(verifier ?? "")
    .digest("hex");
const inPostgres = (model: ModelWorld): string | undefined =>
  model.roles.find(({ name }) => name === "n8n")?.verifierDigest;
const inUserlist = (model: ModelWorld): readonly string[] =>
  ["proxy-01", "proxy-02"].map(
    (host) => /^"n8n" "(.*)"$/m.exec(model.host(host).files.get(USERLIST)?.content ?? "")?.[1] ?? "",
  );
const reasons = ({ plan }: Pass): readonly string[] => plan.blockers.map(({ reason, scope }) => `${reason} ${scope}`);
const kinds = ({ plan }: Pass): readonly string[] => inOrder(plan).map(({ change }) => change.kind);
const ready = (pass: Pass, name: string): string | undefined =>
  pass.statuses.get(name)?.conditions.find(({ type }) => type === "Ready")?.status;

test(
  "a missing Secret of a living role is SecretGone: nothing is made anew, nobody is locked out, the rest " + "goes on",
  async () => {
    const { model, store } = await world({ without: [SECRET] });
    const file = model.host("proxy-01").files.get("/etc/pgha/haproxy/haproxy.cfg");
    assert.ok(file);
    model.host("proxy-01").write("/etc/pgha/haproxy/haproxy.cfg", {
      ...file,
      content: "edited",
    });
    const lists = inUserlist(model);
    const pass = await planOf(model);
    assert.deepEqual(reasons(pass), ["SecretGone disruptive", "SecretGone disruptive"]);
    assert.match(
      pass.plan.blockers[0]?.wayOut ?? "",
      /Put the Secret keybuzz-pg-role-n8n back.*--rotate n8n.*rotate-password=n8n/,
    );
    const ended = await takeAll(model);
    assert.deepEqual([reasons(ended).length, nextWave(ended.plan).kind], [2, "blocked"]);
    assert.equal((await store.readSecrets()).has(SECRET), false);
    assert.deepEqual(inUserlist(model), lists);
    assert.equal(inPostgres(model), inPostgres(pristine));
    assert.notEqual(model.host("proxy-01").files.get("/etc/pgha/haproxy/haproxy.cfg")?.content, "edited");
  },
);

test(
  "the same where nothing was kept yet of an earlier version: then poolers cannot go on without it, and " +
    "nothing is touched",
  async () => {
    const { model } = await world({ without: [SECRET, VERIFIERS] });
    assert.deepEqual(reasons(await passOver(model.stack, model.world, model.looks())), ["SecretGone everything"]);
  },
);

test("while the leader cannot be asked, a missing Secret is not made anew, and members are still started", async () => {
  const { model } = await world({ without: [SECRET] });
  model.host("db-master-01").reachable = false;
  const pass = await planOf(model);
  assert.ok(reasons(pass).includes("SecretGone disruptive"));
  assert.ok(!kinds(pass).includes("write-secret"));
  model.host("db-master-01").reachable = true;
  for (const host of ["db-master-01", "db-slave-01", "db-slave-02"]) model.host(host).active.delete("patroni.service");
  const wave = nextWave((await planOf(model)).plan);
  assert.deepEqual(wave.kind === "steps" ? wave.steps.map(({ change }) => change.kind) : wave.kind, [
    "start-unit",
    "start-unit",
    "start-unit",
  ]);
});

test("a role that PostgreSQL does not have gets its Secret", async () => {
  const { model, store } = await world({ without: [SECRET] });
  model.roles = model.roles.filter(({ name }) => name !== "n8n");
  assert.deepEqual((await takeAll(model)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
  assert.equal(inPostgres(model), digestOf(await valueIn(store, SECRET, "verifier")));
  assert.deepEqual(new Set(inUserlist(model)), new Set([await valueIn(store, SECRET, "verifier")]));
});

for (const missing of [true, false]) {
  test(
    "asked for, a new password reaches PostgreSQL, then every list of users (the Secret " +
      `${missing ? "is missing" : "is there"})`,
    async () => {
      const { model, store } = await world({ without: missing ? [SECRET] : [], rotate: ["n8n"] });
      const taken: string[] = [];
      const ended = await takeAll(model, (_now, _rest, { change }) => void taken.push(change.kind));
      assert.deepEqual(ended.plan, { steps: [], waits: [], blockers: [], warnings: [] });
      assert.deepEqual([...new Set(taken)], ["write-secret", "alter-role", "write-file", "reload-unit"]);
      const [password, verifier] = [await valueIn(store, SECRET, "password"), await valueIn(store, SECRET, "verifier")];
      assert.notEqual(password, await valueIn(pristine.world.store, SECRET, "password"));
      assert.match((await valueIn(store, SECRET, "uri")) ?? "", new RegExp(`:${password}@`));
      assert.equal(inPostgres(model), digestOf(verifier));
      assert.deepEqual(inUserlist(model), [verifier, verifier]);
      assert.equal(await valueIn(store, VERIFIERS, "n8n"), verifier);
    },
  );
}

test("asked for a role that is none, or whose Secret a person keeps, it says why no password is made", async () => {
  const { model } = await world({
    rotate: ["nobody", "postgres", "readers", "n8n"],
    change: (secret) => ({ ...secret, labels: {} }),
  });
  const { plan } = await planOf(model);
  assert.deepEqual(plan.steps, []);
  assert.deepEqual(
    plan.warnings.map(({ reason, message }) => `${reason} ${message.slice(0, 60)}`),
    [
      "RotationRefused a new password was asked for nobody, which is no role of spe",
      "RotationRefused a new password was asked for postgres, which is a user of th",
      "RotationRefused a new password was asked for readers, which is no role of sp",
      "RotationRefused a new password was asked for n8n, whose Secret keybuzz-pg-ro",
    ],
  );
});

test(
  "a new password is not even made while something holds the leader, and poolers go on with the " + "former one",
  async () => {
    const { model, store } = await world({ rotate: ["n8n"] });
    const looks = model.looks();
    const cluster = "PostgresHACluster/keybuzz-pg";
    const leader = looks.get(cluster)?.get("db-master-01") as unknown as { facts: { mount: object } };
    Object.assign(leader.facts.mount, { freeMiB: 10 });
    const pass = await passOver(model.stack, model.world, looks);
    assert.ok(reasons(pass).includes("DiskFull host"));
    assert.deepEqual(kinds(pass), []);
    assert.equal(await valueIn(store, SECRET, "password"), await valueIn(pristine.world.store, SECRET, "password"));
  },
);

for (const [what, change] of [
  ["all of it but the password", onlyPassword],
  ["its verifier", (secret: SecretDocument) => without(secret, "verifier")],
  ["its uri", (secret: SecretDocument) => without(secret, "uri")],
  ["all of it, labels too, as of a person's", (secret: SecretDocument) => ({ ...onlyPassword(secret), labels: {} })],
] as const) {
  test(`a Secret that lost ${what} with the same password is completed, and all stays Ready`, async () => {
    const { model, store } = await world({ change });
    const pass = await passOver(model.stack, model.world, model.looks());
    assert.deepEqual(pass.plan, { steps: [], waits: [], blockers: [], warnings: [] });
    assert.deepEqual(
      [...pass.statuses.values()].map(({ phase }) => phase),
      ["Ready", "Ready", "Ready"],
    );
    await keepSecrets(pass, store, true);
    assert.equal(
      (await valueIn(store, SECRET, "uri")) === undefined,
      change(await secretOf(store)).data["uri"] === undefined,
    );
    await keepSecrets(pass, store);
    for (const key of ["username", "verifier", "host", "port", "dbname", "uri"])
      assert.equal(await valueIn(store, SECRET, key), await valueIn(pristine.world.store, SECRET, key), key);
  });
}

async function secretOf(store: StateStore): Promise<SecretDocument> {
  const secret = (await store.readSecrets()).get(SECRET);
  assert.ok(secret);
  return secret;
}

test("nothing is written into a Secret that another program keeps, and it works all the same", async () => {
  const { model, store } = await world({ change: (secret) => ({ ...onlyPassword(secret), controlled: true }) });
  assert.deepEqual((await planOf(model)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
  assert.deepEqual(Object.keys((await secretOf(store)).data), ["password"]);
  const password = generatePassword().reveal();
  await store.writeSecret(withPassword(await secretOf(store), password));
  assert.deepEqual((await takeAll(model)).plan.steps, []);
  assert.deepEqual(Object.keys((await secretOf(store)).data), ["password"]);
  const [list = ""] = inUserlist(model);
  assert.ok(verifierMatches(sensitive(list), sensitive(password)));
  assert.equal(inPostgres(model), digestOf(list));
});

for (const [what, keep] of [
  ["alone", (secret: SecretDocument) => secret],
  ["and everything else is lost", onlyPassword],
  ["and the verifier is taken out", (secret: SecretDocument) => without(secret, "verifier")],
] as const) {
  test(`where the password was changed ${what}, the role is given it: PostgreSQL first, then poolers`, async () => {
    const password = generatePassword().reveal();
    const { model, store } = await world({ change: (secret) => keep(withPassword(secret, password)) });
    const before = inUserlist(model);
    const taken: string[] = [];
    const ended = await takeAll(model, (_now, _rest, step) => {
      taken.push(step.change.kind);
      if (!taken.includes("alter-role")) assert.deepEqual(inUserlist(model), before);
    });
    assert.deepEqual(ended.plan, { steps: [], waits: [], blockers: [], warnings: [] });
    const verifier = await valueIn(store, SECRET, "verifier");
    assert.ok(verifierMatches(sensitive(verifier ?? ""), sensitive(password)));
    assert.deepEqual(inUserlist(model), [verifier, verifier]);
    assert.equal(inPostgres(model), digestOf(verifier));
    assert.equal(
      await valueIn(store, SECRET, "uri"),
      (await valueIn(pristine.world.store, SECRET, "uri"))?.replace(/:[^:@]*@/, `:${password}@`),
    );
  });
}

test("while PostgreSQL does not take it, poolers serve the former verifier, are available, and not Ready", async () => {
  const { model } = await world({ change: (secret) => withPassword(secret, generatePassword().reveal()) });
  const before = inUserlist(model);
  const looks = model.looks();
  const pass = await passOver(model.stack, model.world, looks);
  assert.deepEqual(kinds(pass), ["write-secret", "alter-role"]);
  assert.deepEqual(reasons(pass), ["PasswordPending disruptive"]);
  assert.equal(ready(pass, POOL), "False");
  assert.deepEqual(inUserlist(model), before);
});

test("half of a change, whoever made it, is mended at the next look", async () => {
  const { model, store } = await world({});
  model.roles = model.roles.map((role) => (role.name === "n8n" ? { ...role, verifierDigest: "other" } : role));
  assert.deepEqual(kinds(await planOf(model)), ["alter-role"]);
  await takeAll(model);
  const list = model.host("proxy-02").files.get(USERLIST);
  assert.ok(list);
  const other = makeVerifier(generatePassword()).reveal();
  list.content = list.content.replace(/^"n8n" ".*"$/m, () => `"n8n" "${other}"`);
  assert.deepEqual(kinds(await planOf(model)), ["write-file", "reload-unit"]);
  assert.deepEqual((await takeAll(model)).plan.steps, []);
  assert.deepEqual(new Set(inUserlist(model)), new Set([await valueIn(store, SECRET, "verifier")]));
});

test("another password of the cluster's own users is a person's matter, whatever is left of the Secret", async () => {
  for (const keep of [(secret: SecretDocument) => secret, onlyPassword]) {
    const of = "keybuzz-pg-replication";
    const { model } = await world({ of, change: (secret) => keep(withPassword(secret, generatePassword().reveal())) });
    const pass = await planOf(model);
    assert.deepEqual(reasons(pass), ["SecretUnusable everything"]);
    assert.match(pass.plan.blockers[0]?.why ?? "", /keybuzz-pg-replication/);
  }
  const { model } = await world({ of: "keybuzz-pg-replication", change: onlyPassword });
  assert.deepEqual((await planOf(model)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
});

test("a new role waits for its Secret without taking anybody off the poolers' lists", async () => {
  const { model } = await world({});
  const before = inUserlist(model);
  const [cluster] = model.stack.clusters;
  assert.ok(cluster);
  const roles = [
    ...cluster.spec.roles,
    { ...cluster.spec.roles[0], name: "fresh", memberOf: [] },
  ] as typeof cluster.spec.roles;
  const grown = model.copy({ ...model.stack, clusters: [{ ...cluster, spec: { ...cluster.spec, roles } }] });
  const pass = await planOf(grown);
  const wave = nextWave(pass.plan);
  assert.deepEqual(wave.kind === "steps" && wave.steps.map(({ change }) => change.kind), ["write-secret"]);
  assert.deepEqual((await takeAll(grown)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
  assert.match(grown.host("proxy-01").files.get(USERLIST)?.content ?? "", /^"fresh" /m);
  assert.deepEqual(inUserlist(grown), before);
});

test(
  "the pooler's own users are served no verifier that nobody keeps, whether their Secret is missing or " +
    "was changed",
  async () => {
    const pooler = ["keybuzz-pg-pgbouncer-stats", "keybuzz-pg-pgbouncer-admin"] as const;
    const changed = (secret: SecretDocument) => withPassword(secret, generatePassword().reveal());
    for (const given of [
      { without: pooler },
      { of: pooler[0], change: changed },
      { of: pooler[1], change: changed },
      { of: pooler[1], change: (secret: SecretDocument) => without(changed(secret), "verifier") },
    ]) {
      const { model, store } = await world(given);
      assert.deepEqual([...new Set(kinds(await planOf(model)))], ["write-secret"]);
      assert.deepEqual((await takeAll(model)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
      const list = model.host("proxy-02").files.get(USERLIST)?.content ?? "";
      for (const name of pooler) assert.ok(list.includes(`"${await valueIn(store, name, "verifier")}"`), name);
    }
  },
);

test(
  "one that an earlier version did not have is served once its Secret is made, not under another " +
    "verifier in each pass",
  async () => {
    const { model, store } = await world({ without: ["keybuzz-pg-pgbouncer-stats", VERIFIERS] });
    const kept = (await pristine.world.store.readSecrets()).get(VERIFIERS);
    assert.ok(kept);
    await store.writeSecret(without(kept, "pgha_stats"));
    const ofPoolers = async () =>
      (await passOver(model.stack, model.world, model.looks())).plan.steps
        .filter(({ resource }) => resource === POOL)
        .map(({ id, change }) => ({ id, change }));
    assert.deepEqual(await ofPoolers(), await ofPoolers());
    assert.deepEqual((await takeAll(model)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
    assert.match(model.host("proxy-01").files.get(USERLIST)?.content ?? "", /^"pgha_stats" /m);
  },
);

test("a pooler that is added later gets users of its own", async () => {
  const pooler = ["keybuzz-pg-pgbouncer-stats", "keybuzz-pg-pgbouncer-admin"];
  const { model, store } = await world({ without: [...pooler, VERIFIERS] });
  const kept = (await pristine.world.store.readSecrets()).get(VERIFIERS);
  assert.ok(kept);
  await store.writeSecret(without(kept, "pgha_stats", "pgbouncer_admin"));
  assert.deepEqual((await takeAll(model)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
  for (const name of pooler) assert.ok(await valueIn(store, name, "verifier"));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { sensitive } from "../../../src/credentials/index.ts";
import type { SecretDocument } from "../../../src/credentials/index.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld, planOf, takeAll } from "../../model/converge.ts";
import { worldWithSecrets } from "../../model/world-with-secrets.ts";

const USERLIST = "/etc/pgha/pgbouncer/userlist.txt";
const pristine = await convergedWorld();

const world = (...about: Rest<Parameters<typeof worldWithSecrets>>) => worldWithSecrets(pristine, ...about);
type Rest<T> = T extends [unknown, ...infer R] ? R : never;

const broken: Readonly<Record<string, (secret: SecretDocument) => SecretDocument>> = {
  "lost its key password": ({ data: { password: _, ...data }, ...secret }) => ({ ...secret, data }),
  "has an empty password": (secret) => ({ ...secret, data: { ...secret.data, password: sensitive("") } }),
  "has a line break in its password": (secret) => ({ ...secret, data: { ...secret.data, password: sensitive("a\n") } }),
  "is of another user": (secret) => ({ ...secret, data: { ...secret.data, username: sensitive("somebody") } }),
  "is of another type": (secret) => ({ ...secret, type: "kubernetes.io/tls" }),
  "is empty": (secret) => ({ ...secret, data: {} }),
};

const reasons = ({ plan }: Pass, resource: string): readonly string[] =>
  plan.blockers.filter((one) => one.resource.startsWith(resource)).map(({ reason, scope }) => `${reason} ${scope}`);
const available = ({ statuses }: Pass): readonly (string | undefined)[] =>
  [...statuses.values()].map(({ conditions }) => conditions.find(({ type }) => type === "Available")?.status);

for (const [what, change] of Object.entries(broken)) {
  for (const account of ["superuser", "replication", "patroni-api", "raft"]) {
    test(
      `a Secret of ${account} that ${what}: all is looked at, nothing is touched, and one reason ` + "is given",
      async () => {
        const { model } = await world((secret) => (secret.name === `keybuzz-pg-${account}` ? change(secret) : secret));
        const pass = await planOf(model);
        assert.deepEqual(reasons(pass, ""), ["SecretUnusable everything"]);
        assert.deepEqual(available(pass), ["True", "True", "True"]);
        assert.equal(nextWave(pass.plan).kind, "blocked");
        assert.doesNotMatch(pass.plan.blockers[0]?.wayOut ?? "", /remove the Secret/);
      },
    );
  }

  test(`a Secret of a role that ${what}: its clients are served as before, and so are all others`, async () => {
    const { model } = await world((secret) => (secret.name === "keybuzz-pg-role-n8n" ? change(secret) : secret));
    const before = model.host("proxy-01").files.get(USERLIST)?.content;
    const file = model.host("proxy-01").files.get("/etc/pgha/haproxy/haproxy.cfg");
    assert.ok(file);
    model.host("proxy-01").write("/etc/pgha/haproxy/haproxy.cfg", { ...file, content: "edited" });
    const pass = await takeAll(model);
    assert.deepEqual(reasons(pass, "PostgresHACluster"), ["SecretUnusable disruptive"]);
    assert.deepEqual(reasons(pass, "PgBouncerPool"), ["SecretUnusable disruptive"]);
    assert.deepEqual(pass.plan.steps, []);
    assert.deepEqual(available(pass), ["True", "True", "True"]);
    assert.equal(model.host("proxy-01").files.get(USERLIST)?.content, before);
    assert.deepEqual(model.roles, pristine.roles);
    assert.notEqual(model.host("proxy-01").files.get("/etc/pgha/haproxy/haproxy.cfg")?.content, "edited");
  });

  for (const account of ["admin", "stats"]) {
    test(`a Secret of PgBouncer's ${account} that ${what}: poolers go on with the one they have`, async () => {
      const { model } = await world((secret) =>
        secret.name === `keybuzz-pg-pgbouncer-${account}` ? change(secret) : secret,
      );
      const pass = await planOf(model);
      assert.deepEqual(reasons(pass, ""), ["SecretUnusable disruptive"]);
      assert.deepEqual(pass.plan.steps, []);
      assert.deepEqual(available(pass), ["True", "True", "True"]);
    });
  }
}

for (const what of ["lost its key password", "has an empty password", "is empty"]) {
  test(`asked for, a role whose Secret ${what} gets a new password everywhere`, async () => {
    const change = broken[what];
    const { model, store } = await world(
      (secret) => (secret.name === "keybuzz-pg-role-n8n" ? change?.(secret) : secret),
      ["n8n"],
    );
    assert.deepEqual((await takeAll(model)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
    const { data } = (await store.readSecrets()).get("keybuzz-pg-role-n8n") ?? {};
    assert.ok((data?.["password"]?.reveal() ?? "").length > 24);
    assert.ok(model.host("proxy-01").files.get(USERLIST)?.content.includes(`"${data?.["verifier"]?.reveal()}"`));
  });
}

test("where the role's Secret cannot be used and no role is there yet, nothing is touched", async () => {
  const { model } = await world((secret) => {
    if (secret.name === "keybuzz-pg-role-n8n") return { ...secret, data: {} };
    const { n8n: _, ...data } = secret.data;
    return secret.name === "keybuzz-pg-verifiers" ? { ...secret, data } : secret;
  });
  model.roles = model.roles.filter(({ name }) => name !== "n8n");
  const pass = await planOf(model);
  assert.deepEqual(reasons(pass, "PostgresHACluster"), ["SecretUnusable everything"]);
  assert.equal(nextWave(pass.plan).kind, "blocked");
});

test(
  "with every Secret of the namespace gone, verifiers and all, nothing is touched; once the cluster's " +
    "own are back, new passwords of all roles can be asked for",
  async () => {
    const gone = await world(() => undefined);
    const pass = await planOf(gone.model);
    assert.ok(reasons(pass, "PostgresHACluster").includes("SecretsLost everything"));
    assert.equal(nextWave(pass.plan).kind, "blocked");
    assert.deepEqual(available(pass), ["True", "True", "True"]);
    assert.match(pass.plan.blockers[0]?.wayOut ?? "", /backup of the namespace or of the state folder/);
    const isOwn = ({ name }: SecretDocument): boolean => /superuser|replication|rewind|patroni-api|raft/.test(name);
    const { model } = await world((secret) => (isOwn(secret) ? secret : undefined), ["n8n", "keybuzz"]);
    assert.deepEqual((await takeAll(model)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
  },
);

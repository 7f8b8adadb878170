import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { generatePassword, sensitive } from "../../../src/credentials/index.ts";
import type { SecretDocument } from "../../../src/credentials/index.ts";
import type { StateStore } from "../../../src/state/index.ts";
import { memoryStore } from "../../../src/state/memory-store.ts";
import { convergedWorld, planOf, takeAll } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { worldWithSecrets } from "../../model/world-with-secrets.ts";

const SECRET = "keybuzz-pg-role-n8n";
const NOTHING = { steps: [], waits: [], blockers: [], warnings: [] };
const pristine = await convergedWorld();
type Change = (secret: SecretDocument) => SecretDocument;

const onlyPassword: Change = ({ data: { password }, ...secret }) => ({
  ...secret,
  data: { password: password ?? sensitive("") },
});
const another: Change = (secret) => ({ ...secret, data: { ...secret.data, password: generatePassword() } });
const asIs: Change = (secret) => secret;

/**
 * A world in which another program keeps the Secret of a role: whatever is written into it, that program puts its own
 * back at once.
 */
class Kept {
  readonly model: ModelWorld;
  writes = 0;
  #theirs: SecretDocument;

  constructor(model: ModelWorld, store: StateStore, theirs: SecretDocument) {
    this.#theirs = theirs;
    const kept: StateStore = {
      ...store,
      writeSecret: async (secret, replaces) => {
        if (secret.name === SECRET) this.writes += 1;
        else await store.writeSecret(secret, replaces);
      },
    };
    const secrets = async () => new Map([...(await store.readSecrets()), [SECRET, this.#theirs]]);
    this.model = Object.assign(model, { world: { ...pristine.world, store: kept, secrets } });
  }

  change(how: Change): void {
    this.#theirs = how(this.#theirs);
  }

  /** Everything is done, in so many steps at most, with so many writes into the Secret; then it stays so. */
  async settles(writes: number, warnings = 0): Promise<void> {
    this.writes = 0;
    let steps = 0;
    const ended = await takeAll(this.model, () => assert.ok(++steps < 100, "it goes on for ever"));
    assert.deepEqual({ ...ended.plan, warnings: [] }, NOTHING);
    for (let look = 0; look < 4; look++) {
      const { plan, statuses } = await planOf(this.model);
      assert.deepEqual(
        { ...plan, warnings: plan.warnings.map(({ reason }) => reason) },
        {
          ...NOTHING,
          warnings: Array.from({ length: warnings }, () => "SecretKeptElsewhere"),
        },
      );
      assert.deepEqual(
        [...statuses.values()].map(({ phase }) => phase),
        ["Ready", "Ready", "Ready"],
      );
    }
    assert.equal(this.writes, writes);
    const lists = ["proxy-01", "proxy-02"].map(
      (host) =>
        /^"n8n" "(.*)"$/m.exec(this.model.host(host).files.get("/etc/pgha/pgbouncer/userlist.txt")?.content ?? "")?.[1],
    );
    const digest = createHash("sha256")
      .update(lists[0] ?? "")
      .digest("hex");
    assert.equal(lists[0], lists[1]);
    assert.equal(this.model.roles.find(({ name }) => name === "n8n")?.verifierDigest, digest);
  }
}

async function converged(theirs: Change): Promise<Kept> {
  const { model, store } = await worldWithSecrets(pristine, asIs);
  return new Kept(model, store, theirs((await store.readSecrets()).get(SECRET) as SecretDocument));
}

const controlled: Change = (secret) => ({ ...secret, controlled: true });
const immutable: Change = (secret) => ({ ...secret, immutable: true });
const without =
  (...keys: readonly string[]): Change =>
  ({ data, ...secret }) => ({
    ...secret,
    data: Object.fromEntries(Object.entries(data).filter(([key]) => !keys.includes(key))),
  });
const withoutLabels: Change = (secret) => ({ ...secret, labels: {} });

for (const [what, theirs, writes, later = 0] of [
  ["only a password", onlyPassword, 1],
  ["only a password, and no label of pgha's", (secret: SecretDocument) => withoutLabels(onlyPassword(secret)), 1],
  ["no verifier", without("verifier"), 1, 1],
  ["no uri and host", without("uri", "host"), 1],
  ["all that it had at first", asIs, 0, 1],
  ["only a password, controlled", (secret: SecretDocument) => controlled(onlyPassword(secret)), 0],
  ["all that it had at first, controlled", controlled, 0, 1],
  ["only a password, immutable", (secret: SecretDocument) => immutable(onlyPassword(secret)), 0],
] as const) {
  test(
    `a Secret that another program keeps with ${what} is written into once at most, and each of its ` +
      "passwords gets into force",
    async () => {
      const kept = await converged(theirs);
      await kept.settles(writes);
      kept.change(another);
      await kept.settles(theirs === asIs ? 1 : 0, later);
      kept.change(another);
      await kept.settles(0, later);
    },
  );
}

test("the same for a cluster that is made with such a Secret", async () => {
  const model = new ModelWorld(sampleStack());
  const theirs = onlyPassword((await pristine.world.store.readSecrets()).get(SECRET) as SecretDocument);
  const kept = new Kept(model, model.world.store, withoutLabels(theirs));
  await kept.settles(1);
  kept.change(another);
  await kept.settles(0);
});

for (const [what, theirs, writes] of [
  ["puts back", asIs, 1],
  ["controls", controlled, 0],
] as const) {
  test(
    `where a Secret leads that another program ${what} is renewed ` +
      `${writes === 1 ? "once" : "by nobody"}, and then said`,
    async () => {
      const kept = await converged(theirs);
      await kept.settles(0);
      const { stack } = kept.model;
      const pools = stack.pgbouncerPools.map((pool) => ({
        ...pool,
        spec: { ...pool.spec, hosts: pool.spec.hosts.toReversed() },
      }));
      Object.assign(kept.model, { stack: { ...stack, pgbouncerPools: pools } });
      await kept.settles(writes, 1);
    },
  );
}

test("a password that a person changes again and again in a Secret that pgha made is completed each time", async () => {
  const kept = await converged(asIs);
  const { store } = kept.model.world;
  const mine = memoryStore([...(await kept.model.world.secrets()).values()]);
  const world = {
    ...kept.model.world,
    store: {
      ...store,
      ...mine,
      readRecord: (...about: Parameters<typeof store.readRecord>) => store.readRecord(...about),
    },
    secrets: () => mine.readSecrets(),
  };
  Object.assign(kept.model, { world });
  for (let time = 0; time < 3; time++) {
    const secret = another((await mine.readSecrets()).get(SECRET) as SecretDocument);
    await mine.writeSecret(secret);
    assert.deepEqual((await takeAll(kept.model)).plan, NOTHING);
    const { data } = (await mine.readSecrets()).get(SECRET) as SecretDocument;
    assert.ok(data["uri"]?.reveal().includes(`:${data["password"]?.reveal()}@`));
  }
});

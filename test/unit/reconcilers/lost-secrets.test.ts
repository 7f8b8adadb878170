import assert from "node:assert/strict";
import { test } from "node:test";
import { nextWave } from "../../../src/plan/wave.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { memoryStore } from "../../../src/state/memory-store.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const pristine = await convergedWorld();
const RECORDS = [
  ["PostgresHACluster", "keybuzz-pg"],
  ["HAProxyPool", "keybuzz-haproxy"],
  ["PgBouncerPool", "keybuzz-pgbouncer"],
] as const;

/** The converged world, seen with those of its Secrets that `isKept` keeps. */
async function passWithSecrets(isKept: (name: string) => boolean, withRecords = true): Promise<Pass> {
  const store = memoryStore(
    [...(await pristine.world.store.readSecrets()).values()].filter(({ name }) => isKept(name)),
  );
  if (withRecords) {
    for (const [kind, name] of RECORDS)
      await store.writeRecord(kind, name, await pristine.world.store.readRecord(kind, name));
  }
  return planOf(
    Object.assign(pristine.copy(), { world: { ...pristine.world, store, secrets: () => store.readSecrets() } }),
  );
}

function reasons({ plan }: Pass): readonly string[] {
  return plan.blockers.map((blocker) => blocker.reason);
}

test("a cluster that exists is not given new passwords when the state folder is lost: nothing is touched", async () => {
  const pass = await passWithSecrets(() => false, false);
  assert.deepEqual(reasons(pass), ["SecretsLost"]);
  assert.equal(nextWave(pass.plan).kind, "blocked");
});

for (const account of ["superuser", "replication", "rewind", "patroni-api", "raft"]) {
  test(`a cluster that exists is not given a new password of its ${account} alone`, async () => {
    const pass = await passWithSecrets((name) => name !== `keybuzz-pg-${account}`);
    assert.deepEqual(reasons(pass), ["SecretGone"]);
    assert.equal(nextWave(pass.plan).kind, "blocked");
    assert.match(pass.plan.blockers[0]?.why ?? "", new RegExp(`not here: keybuzz-pg-${account};`));
  });
}

test("fresh hosts and no Secrets are how every cluster begins", async () => {
  assert.deepEqual(reasons(await planOf(new ModelWorld(sampleStack()))), []);
});

for (const [title, lost, roles] of [
  ["all roles", /-role-|-verifiers$/, ["keybuzz", "n8n"]],
  ["one role", /-role-n8n$|-verifiers$/, ["n8n"]],
] as const) {
  test(
    `the password of ${title} is not made anew when pgha's own Secret of verifiers is lost with theirs, ` +
      "now or later",
    async () => {
      const store = memoryStore(
        [...(await pristine.world.store.readSecrets()).values()].filter(({ name }) => !lost.test(name)),
      );
      const model = Object.assign(pristine.copy(), {
        world: { ...pristine.world, store, secrets: () => store.readSecrets() },
      });
      // The first look keeps what is in force of the others; that says nothing of these.
      for (const _ of [1, 2, 3]) {
        const pass = await planOf(model);
        assert.deepEqual(
          pass.plan.blockers.map(({ reason, why }) => [reason, /keybuzz-pg-role-(\w+)/.exec(why)?.[1]]),
          roles.map((role) => ["SecretGone", role]),
        );
        assert.equal(nextWave(pass.plan).kind, "blocked");
        assert.ok(
          pass.plan.steps.every(({ change }) => change.kind !== "write-secret" && change.kind !== "alter-role"),
        );
        assert.deepEqual(
          [...(await store.readSecrets()).keys()].filter((name) => /-role-n8n/.test(name)),
          [],
        );
      }
      for (const secret of (await pristine.world.store.readSecrets()).values())
        if (lost.test(secret.name) && !secret.name.endsWith("-verifiers")) await store.writeSecret(secret);
      const { plan } = await planOf(model);
      assert.deepEqual([plan.blockers, plan.steps, plan.waits], [[], [], []]);
    },
  );
}

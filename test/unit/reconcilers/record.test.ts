import assert from "node:assert/strict";
import { test } from "node:test";
import { PghaError } from "../../../src/errors.ts";
import { recordChange } from "../../../src/reconcilers/record.ts";
import { planOf } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

async function recordedHosts(model: ModelWorld): Promise<readonly string[]> {
  return Object.keys((await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg")).hosts).toSorted();
}

test(
  "hosts are taken on when first seen with nothing in the way of the stack: what is refused may be a " +
    "name or an address",
  async () => {
    const model = new ModelWorld(sampleStack());
    model.host("db-slave-01").dataDirectory = "noise";
    await planOf(model);
    assert.deepEqual(await recordedHosts(model), []);
    model.host("db-slave-01").dataDirectory = "absent";
    await planOf(model);
    assert.deepEqual(await recordedHosts(model), ["db-master-01", "db-slave-01", "db-slave-02"]);
  },
);

test(
  "of a refused host whose key was believed, the key alone stays recorded: its volume is about to be " + "replaced",
  async () => {
    const model = new ModelWorld(sampleStack());
    const { store } = model.world;
    await store.writeRecord("PostgresHACluster", "keybuzz-pg", {
      hosts: { "db-slave-01": { hostKey: "ssh-ed25519 AAAA" } },
    });
    model.host("db-slave-01").dataDirectory = "noise";
    await planOf(model);
    assert.deepEqual((await store.readRecord("PostgresHACluster", "keybuzz-pg")).hosts["db-slave-01"], {
      hostKey: "ssh-ed25519 AAAA",
    });
  },
);

test("a host that was recorded stays so, whatever is in its way later", async () => {
  const model = new ModelWorld(sampleStack());
  await planOf(model);
  model.host("db-slave-01").dataDirectory = "noise";
  await planOf(model);
  assert.deepEqual(await recordedHosts(model), ["db-master-01", "db-slave-01", "db-slave-02"]);
});

test("a Secret that is gone when it is to be renewed or completed is not made anew with another password", async () => {
  const model = new ModelWorld(sampleStack());
  const pass = await planOf(model);
  for (const how of ["renew", "complete"] as const) {
    const change = { kind: "write-secret", secret: "keybuzz-pg-role-n8n", purpose: "role n8n", how } as const;
    await assert.rejects(
      recordChange(change, "PostgresHACluster/keybuzz-pg", pass, model.world),
      (error) => error instanceof PghaError && error.reason === "SecretGone",
    );
  }
  assert.deepEqual([...(await model.world.secrets()).keys()], []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

async function recordedHosts(model: ModelWorld): Promise<readonly string[]> {
  return Object.keys((await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg")).hosts).toSorted();
}

test("hosts are recorded when first seen, but for one that is refused as it is", async () => {
  const model = new ModelWorld(sampleStack());
  model.host("db-slave-01").dataDirectory = "noise";
  await planOf(model);
  assert.deepEqual(await recordedHosts(model), ["db-master-01", "db-slave-02"]);
  model.host("db-slave-01").dataDirectory = "absent";
  await planOf(model);
  assert.deepEqual(await recordedHosts(model), ["db-master-01", "db-slave-01", "db-slave-02"]);
});

test("a host that was recorded stays so, whatever is in its way later", async () => {
  const model = new ModelWorld(sampleStack());
  await planOf(model);
  model.host("db-slave-01").dataDirectory = "noise";
  await planOf(model);
  assert.deepEqual(await recordedHosts(model), ["db-master-01", "db-slave-01", "db-slave-02"]);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Resource } from "../../../src/api/index.ts";
import { keepLast } from "../../../src/keep-last.ts";
import type { Built } from "../../../src/reconcilers/reconciler.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import { resourcesOf, stackOf } from "../../../src/reconcilers/stack.ts";
import { convergedWorld } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { stackWithBaseline } from "../../model/sample-stack.ts";
import { withOwnStore } from "../../model/own-store.ts";

/** How often something was made of a stack that is read again and again, each time in other words. */
function builder(model: ModelWorld) {
  const kept = keepLast<Built>();
  let made = 0;
  const world = {
    ...model.world,
    built: (parts: readonly unknown[], make: () => Built) =>
      kept(parts, () => {
        made += 1;
        return make();
      }),
  };
  return async (resources: readonly Resource[]): Promise<number> => {
    await passOver(stackOf(structuredClone(resources) as Resource[]), world, model.looks());
    return made;
  };
}

function written(resources: readonly Resource[], metadata: object): readonly Resource[] {
  return resources.map((resource) => ({ ...resource, metadata: { ...resource.metadata, ...metadata } }) as Resource);
}

describe("what is made of specs, Secrets and records", () => {
  it("is made once for all that says the same, a baseline and its places among it", async () => {
    const model = new ModelWorld(stackWithBaseline());
    await passOver(model.stack, model.world, model.looks());
    const build = builder(model);
    const resources = resourcesOf(model.stack).map((resource) => structuredClone(resource) as Resource);
    assert.equal(await build(written(resources, { resourceVersion: "7" })), 1);
    assert.equal(await build(written(resources, { resourceVersion: "8" })), 1, "a status was written");
    assert.equal(await build(written(resources, { generation: 2 })), 2, "a spec was");
    assert.equal(await build(written(resources, { annotations: { "pgha.example.org/x": "" } })), 3);
  });

  it("is made anew once something is recorded, and not when the same is read again", async () => {
    const model = await withOwnStore(await convergedWorld());
    const { store } = model.world;
    const build = builder(model);
    const resources = resourcesOf(model.stack);
    const cluster = ["PostgresHACluster", "keybuzz-pg"] as const;
    assert.equal(await build(resources), 1);
    const record = await store.readRecord(...cluster);
    await store.writeRecord(...cluster, structuredClone(record));
    assert.equal(await build(resources), 1);
    await store.writeRecord(...cluster, { ...record, systemId: "7000000000000000001" });
    assert.equal(await build(resources), 2);
  });
});

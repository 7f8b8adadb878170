import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";

describe("a pass with a focus", () => {
  it("plans nothing for resources whose looks are older than what was done to them", async () => {
    const model = new ModelWorld(sampleStack());
    const { plan, statuses } = await passOver(model.stack, model.world, model.looks(), undefined, new Set([CLUSTER]));
    assert.deepEqual([...new Set(plan.steps.map(({ resource }) => resource))], [CLUSTER]);
    assert.equal(statuses.size, 3, "all are reported on");
  });

  it("is held by what stands in the way of the others all the same", async () => {
    const model = new ModelWorld(sampleStack());
    model.host("proxy-01").reachable = false;
    const { plan } = await passOver(model.stack, model.world, model.looks(), undefined, new Set([CLUSTER]));
    assert.deepEqual(plan.blockers.map(({ host }) => host).includes("proxy-01"), true);
    assert.equal(nextWave(plan).kind, "blocked");
  });
});

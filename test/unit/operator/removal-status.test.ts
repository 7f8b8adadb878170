import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Trouble } from "../../../src/apply/patience.ts";
import type { Look } from "../../../src/facts/fact.ts";
import { writeRemovalStatus } from "../../../src/operator/removal/removal-status.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import { visitMemories } from "../../../src/operator/visit/memory.ts";
import type { Visit } from "../../../src/operator/visit/parts.ts";
import type { Step } from "../../../src/plan/plan.ts";
import { madeByUs } from "../../../src/reconcilers/removal/made-by-us.ts";
import { planRemoval } from "../../../src/reconcilers/removal/plan.ts";
import type { RemovalFacts, RemovalWish } from "../../../src/reconcilers/removal/plan.ts";
import { liveResource } from "../../../src/state/live-resource.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { fakeKube, stored } from "./fake-kube.ts";

const [pool] = sampleStack().haproxyPools;
assert.ok(pool);
const NAME = "HAProxyPool/keybuzz-haproxy";
const made = madeByUs(pool);
const wish: RemovalWish = { resource: NAME, policy: "Stop", made, systemId: undefined, leader: undefined };

/** A host on which the service runs, or not. */
function look(host: string, activeState: "active" | "inactive"): readonly [string, Look<RemovalFacts>] {
  const left = { files: [], trees: [], directories: [] };
  return [
    host,
    { seen: true, host, facts: { units: { [made.unit]: { activeState } }, left } as unknown as RemovalFacts },
  ];
}

/** The status of a deletion in which this happened to the first step. */
async function statusAfter(
  kind: Trouble["kind"] | undefined,
  activeState: "active" | "inactive" = "active",
  at = "2026-11-29T12:01:00Z",
) {
  const { client, objects } = fakeKube();
  const path = "/apis/pgha.keybuzz.io/v1alpha1/namespaces/db/haproxypools/keybuzz-haproxy";
  const { metadata, ...object } = stored(pool ?? {});
  objects.set(path, { ...object, metadata: { ...metadata, deletionTimestamp: "2026-11-29T12:00:00Z" } } as never);
  const live = liveResource(client, RESOURCE_TYPES.HAProxyPool, objects.get(path) as unknown as StoredResource);
  const clock = { now: () => Date.parse(at) };
  const memory = visitMemories(clock.now).of("x");
  const running = new Map([look("proxy-01", "active"), look("proxy-02", "inactive")]);
  const [step] = planRemoval(wish, running).steps;
  const failure = { host: "proxy-01", command: "", exitCode: 1, said: "it said no", wayOut: "Find out why." };
  if (kind !== undefined) memory.patience.rest({ kind, step: step as Step, failure }, clock.now() + 1000, "");
  const looks = new Map([look("proxy-01", activeState), look("proxy-02", "inactive")]);
  const metrics = { stored: () => {} };
  const visit = { admitted: { resource: pool, name: NAME }, live, memory, parts: { clock, metrics } };
  await writeRemovalStatus(visit as unknown as Visit, wish, looks, planRemoval(wish, looks));
  const { phase, conditions = [] } = live.current().status ?? {};
  const is = (type: string) =>
    conditions.find((condition) => condition.type === type && condition.status !== "Unknown");
  return { phase, ready: is("Ready")?.reason, message: is("Ready")?.message, stalled: is("Stalled")?.reason };
}

describe("the status of what is being deleted", () => {
  it("says that it goes on while nothing is in its way", async () => {
    const { phase, ready, stalled } = await statusAfter(undefined);
    assert.deepEqual([phase, ready, stalled], ["Deleting", "Deleting", undefined]);
  });

  it(
    "says which step failed, and which somebody undoes each time, of which only a person finds out " + "by whom",
    async () => {
      const failed = await statusAfter("failed");
      assert.deepEqual([failed.phase, failed.ready, failed.stalled], ["Deleting", "StepFailed", undefined]);
      const undone = await statusAfter("undone");
      assert.deepEqual([undone.phase, undone.ready, undone.stalled], ["Deleting", "StepUndone", "StepUndone"]);
      assert.match(undone.message ?? "", /proxy-01.*it said no.*Find out why/);
    },
  );

  it("says after ten minutes of a step that fails what a person may do beside mending it", async () => {
    for (const kind of ["failed", "undone"] as const) {
      const { phase, ready, stalled, message } = await statusAfter(kind, "active", "2026-11-29T12:11:00Z");
      assert.deepEqual([phase, ready, stalled], ["Deleting", "DeletionOverdue", "DeletionOverdue"]);
      assert.match(
        message ?? "",
        /proxy-01.*it said no.*Find out why\. If that never succeeds, annotate .*force-finalize=true/s,
      );
    }
    const { ready, stalled } = await statusAfter(undefined, "active", "2026-11-29T12:11:00Z");
    assert.deepEqual([ready, stalled], ["Deleting", undefined], "it goes on");
  });

  it("says no more of a step that is not needed any more", async () => {
    assert.equal((await statusAfter("undone", "inactive")).ready, "Deleting");
  });
});

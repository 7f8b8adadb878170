import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { announcer } from "../../../src/operator/events.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import type { Refusal } from "../../../src/operator/status/unlooked.ts";
import { visitMemories } from "../../../src/operator/visit/memory.ts";
import type { VisitParts } from "../../../src/operator/visit/parts.ts";
import { refuse } from "../../../src/operator/visit/refuse.ts";
import { jsonLog } from "../../../src/runtime/log.ts";
import { liveResource } from "../../../src/state/live-resource.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { fakeKube, stored } from "./fake-kube.ts";

const [pool] = sampleStack().haproxyPools;
assert.ok(pool);
const missing: Refusal = {
  reason: "SshKeyMissing",
  message: "there is no Secret key; waiting for it",
  heals: true,
  awaits: "the Secret key",
  about: "CredentialsReady",
};

function refusing() {
  const { client, objects } = fakeKube();
  const path = "/apis/pgha.keybuzz.io/v1alpha1/namespaces/db/haproxypools/keybuzz-haproxy";
  objects.set(path, stored(pool ?? {}) as never);
  const lines: string[] = [];
  const events: string[] = [];
  let nowMs = 1_800_000_000_000;
  const clock = { now: () => nowMs };
  const partsAnew = (): VisitParts =>
    ({
      clock,
      staleMs: 90_000,
      patienceMs: 120_000,
      memories: visitMemories(clock.now),
      accepted: { of: () => undefined },
      metrics: { stored: () => {}, unseen: () => {} },
      announcer: announcer(
        {
          record: ({ reason, note }) => void events.push(`${reason} ${note}`),
          flush: () => Promise.resolve(),
        },
        jsonLog((line) => void lines.push(line), clock.now),
      ),
    }) as unknown as VisitParts;
  let parts = partsAnew();
  return {
    restart: () => void (parts = partsAnew()),
    events,
    /** Visits once, so many seconds later. */
    after: async (seconds: number, refusal: Refusal = missing): Promise<string> => {
      nowMs += seconds * 1000;
      const live = liveResource(client, RESOURCE_TYPES.HAProxyPool, objects.get(path) as unknown as StoredResource);
      await refuse(live, refusal, parts);
      const { status } = live.current();
      const is = status?.conditions?.find(({ type }) => type === "Stalled" || type === "Reconciling");
      return `${is?.type} ${is?.reason} ${status?.phase}, waits for ${status?.waiting?.for ?? "nothing"}`;
    },
  };
}

const WAITS = "Reconciling SshKeyMissing Waiting, waits for the Secret key";
const STUCK = "Stalled SshKeyMissing Blocked, waits for the Secret key";

describe("what somebody else has to make", () => {
  it("is waited for, and then is what a resource is stuck for, which is told once", async () => {
    const { after, events } = refusing();
    assert.deepEqual([await after(0), await after(119), await after(2), await after(10)], [WAITS, WAITS, STUCK, STUCK]);
    assert.deepEqual(events, [
      "SshKeyMissing there is no Secret key; waiting for it",
      "SshKeyMissing there is no Secret key; waiting for it (waited 2 min in vain: somebody has to make or mend it)",
    ]);
  });

  it("is not waited for anew because the operator began anew", async () => {
    const { after, restart } = refusing();
    assert.equal(await after(0), WAITS);
    restart();
    assert.deepEqual([await after(60), await after(61)], [WAITS, STUCK]);
    restart();
    assert.equal(await after(1), STUCK);
  });

  it("has patience of its own, whatever was waited for before", async () => {
    const { after } = refusing();
    const other: Refusal = { ...missing, reason: "ClusterNotFound", awaits: "the cluster", about: undefined };
    await after(0);
    assert.match(await after(130, other), /^Reconciling ClusterNotFound/);
    assert.match(await after(130, other), /^Stalled ClusterNotFound/);
    assert.equal(await after(1), WAITS);
  });
});

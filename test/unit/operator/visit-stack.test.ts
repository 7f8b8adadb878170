import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { stackOnFakeKube } from "./stack-on-fake-kube.ts";
import type { Edit } from "./stack-on-fake-kube.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const PROXY = "HAProxyPool/keybuzz-haproxy";
const POOLER = "PgBouncerPool/keybuzz-pgbouncer";

const generation =
  (number: number): Edit =>
  (resource) => ({ ...resource, metadata: { ...resource.metadata, generation: number } });
const EVERYWHERE = { "db-master-01": 1, "db-slave-01": 1, "db-slave-02": 1, "proxy-01": 1, "proxy-02": 1 };

describe("a visit to a stack", () => {
  it("looks at each host once, whatever is on it, and says of each resource what is its own", async () => {
    const stack = await stackOnFakeKube({ HAProxyPool: generation(7), PgBouncerPool: generation(3) });
    for (let turn = 0; turn < 2; turn += 1) {
      await stack.visit();
      assert.deepEqual(stack.looked(), EVERYWHERE);
    }
    assert.deepEqual(stack.said(), {
      [CLUSTER]: "Blocked LookFailed 1",
      [PROXY]: "NotServing LookFailed 7",
      [POOLER]: "NotServing LookFailed 3",
    });
  });

  it("leaves alone what a person holds, looks at it, and goes on with the others", async () => {
    const stack = await stackOnFakeKube({
      PgBouncerPool: (pool) => ({ ...pool, spec: { ...(pool.spec as object), paused: true } }),
    });
    await stack.visit();
    assert.deepEqual(stack.looked(), EVERYWHERE);
    assert.deepEqual(
      Object.values(stack.said()).map((said) => said.split(" ")[0]),
      ["Blocked", "NotServing", "Paused"],
    );
  });

  it("refuses one that makes no sense, and looks at the hosts of the others", async () => {
    const stack = await stackOnFakeKube({
      HAProxyPool: (pool) => ({ ...pool, spec: { clusterRef: { name: "keybuzz-pg" } } }),
    });
    const first = await stack.visit();
    assert.ok(first.kind === "several");
    assert.deepEqual(
      first.parts.map(({ outcome }) => outcome.kind),
      ["settled", "failed", "settled"],
    );
    assert.equal(stack.said()[PROXY], "Blocked InvalidSpec 1");
    assert.equal(stack.looked()["db-master-01"], 1);
    const next = await stack.visit();
    assert.ok(next.kind === "several");
    const polls = next.parts.map(({ outcome }) => (outcome.kind === "settled" ? outcome.pollMs : outcome.kind));
    assert.deepEqual(polls[1], 300_000, "it fails once for one and the same fault");
  });

  it("says of a spec that is not valid the same at each visit, though nothing is seen by it any more", async () => {
    const stack = await stackOnFakeKube();
    await stack.visit();
    const at = stack.path("PostgresHACluster", "keybuzz-pg");
    const valid = stack.objects.get(at) as unknown as StoredResource;
    const databases = [{ name: "app", owner: "nobody" }];
    stack.objects.set(at, { ...valid, spec: { ...(valid.spec as object), databases } } as never);
    stack.objects.delete("/api/v1/namespaces/db/secrets/vm-ssh");
    for (let turn = 0; turn < 6; turn += 1) {
      await stack.visit();
      const { status } = stack.objects.get(at) as unknown as StoredResource;
      const told = ["SpecValid", "Stalled"].map((wanted) => {
        const { status: is, reason } = status?.conditions?.find(({ type }) => type === wanted) ?? {};
        return `${wanted} ${is} ${reason}`;
      });
      assert.deepEqual(told, ["SpecValid False InvalidSpec", "Stalled True InvalidSpec"], `turn ${turn}`);
      assert.ok(status?.acceptedSpec, `turn ${turn}: the version that its hosts are looked at by is kept`);
    }
  });

  it("waits for what one refers to as long as it waits for anything, and then it takes a person", async () => {
    const stack = await stackOnFakeKube();
    stack.objects.delete(stack.path("HAProxyPool", "keybuzz-haproxy"));
    const said = [];
    for (let turn = 0; turn < 6; turn += 1) {
      await stack.visit();
      said.push(stack.said()[POOLER]);
    }
    assert.deepEqual(said.slice(0, 5), Array(5).fill("Waiting HAProxyPoolNotFound 1"));
    assert.equal(said[5], "Blocked HAProxyPoolNotFound 1");
  });

  it("is not held up by one whose status cannot be written, which is tried again soon", async () => {
    const stack = await stackOnFakeKube();
    const at = stack.path("HAProxyPool", "keybuzz-haproxy");
    stack.unheard.set("HAProxyPool", structuredClone(stack.objects.get(at)) as never);
    stack.objects.set(at, { ...stack.objects.get(at), metadata: { name: "keybuzz-haproxy", resourceVersion: "55" } });
    const result = await stack.visit();
    assert.ok(result.kind === "several");
    assert.deepEqual(
      result.parts.map(({ outcome }) => outcome.kind),
      ["settled", "failed", "settled"],
    );
    assert.deepEqual(stack.looked(), EVERYWHERE);
    assert.deepEqual(
      [stack.said()[CLUSTER], stack.said()[POOLER]],
      ["Blocked LookFailed 1", "NotServing LookFailed 1"],
    );
  });

  it(
    "sees to one that is deleted beside the others, never on a host at the same time, and forgets it when " +
      "it is gone",
    async () => {
      const stack = await stackOnFakeKube({
        PgBouncerPool: (pool) => ({
          ...pool,
          metadata: {
            ...pool.metadata,
            deletionTimestamp: "2026-01-02T00:00:00Z",
            finalizers: ["pgha.keybuzz.io/hosts"],
          },
          spec: { ...(pool.spec as object), deletionPolicy: "Stop" },
        }),
      });
      await stack.visit();
      assert.deepEqual(
        stack.looked(),
        { ...EVERYWHERE, "proxy-01": 2, "proxy-02": 2 },
        "for what is left of it, and for the rest of the stack",
      );
      assert.match(await stack.pages(), /name="keybuzz-pgbouncer"/);
      stack.objects.delete(stack.path("PgBouncerPool", "keybuzz-pgbouncer"));
      await stack.visit();
      assert.doesNotMatch(await stack.pages(), /name="keybuzz-pgbouncer"/);
      for (const path of [...stack.objects.keys()].filter((one) => one.startsWith("/apis"))) stack.objects.delete(path);
      assert.deepEqual(await stack.visit(), { kind: "gone" });
      assert.doesNotMatch(await stack.pages(), /name="keybuzz/);
    },
  );
});

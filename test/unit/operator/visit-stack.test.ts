import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Registry } from "prom-client";
import type { Kind } from "../../../src/api/index.ts";
import { createSecret, desiredSecrets } from "../../../src/credentials/index.ts";
import { firstUseKeys } from "../../../src/operator/hosts/first-use.ts";
import { createOperatorMetrics } from "../../../src/operator/metrics.ts";
import { acceptedSpecs } from "../../../src/operator/resources/accepted.ts";
import { KINDS, RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import { visitMemories } from "../../../src/operator/visit/memory.ts";
import type { VisitParts } from "../../../src/operator/visit/parts.ts";
import { visitStack } from "../../../src/operator/visit/visit.ts";
import { createExclusiveSlots } from "../../../src/runtime/exclusive-slots.ts";
import { objectPath } from "../../../src/runtime/kube-object.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createReconcileContext } from "../../../src/runtime/reconcile-context.ts";
import type { ReconcileResult } from "../../../src/runtime/requeue.ts";
import type { RunResult } from "../../../src/shell/shell.ts";
import { kubeStore } from "../../../src/state/kube-store.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import { fakeKube, stored } from "./fake-kube.ts";

const sample = sampleStack();
const [cluster] = sample.clusters;
const [proxy] = sample.haproxyPools;
const [pooler] = sample.pgbouncerPools;
assert.ok(cluster && proxy && pooler);
const KEY = "db/keybuzz-pg";
const CLUSTER = "PostgresHACluster/keybuzz-pg";
const PROXY = "HAProxyPool/keybuzz-haproxy";
const POOLER = "PgBouncerPool/keybuzz-pgbouncer";
const login = generateKeyPair();
type Edit = (resource: StoredResource) => StoredResource;

/**
 * The sample stack on an API server in memory, and hosts that answer whoever comes that they cannot be looked at today.
 */
async function start(edits: Readonly<Partial<Record<Kind, Edit>>> = {}) {
  const { client, objects } = fakeKube();
  const path = (kind: Kind, name: string): string => objectPath(RESOURCE_TYPES[kind], `db/${name}`);
  for (const resource of [cluster, proxy, pooler]) {
    const object = (edits[resource!.kind] ?? ((same) => same))(stored(resource ?? {}));
    objects.set(path(resource!.kind, object.metadata.name), object as never);
  }
  const key = { "ssh-privatekey": Buffer.from(login.privateKey).toString("base64") };
  const secret = { metadata: { name: "vm-ssh", namespace: "db" }, type: "kubernetes.io/ssh-auth", data: key };
  objects.set("/api/v1/namespaces/db/secrets/vm-ssh", secret);
  const wishes = desiredSecrets(cluster!, { haproxy: sample.haproxyPools, pgbouncer: sample.pgbouncerPools });
  const store = kubeStore({
    client,
    namespace: "db",
    resources: new Map(),
    secretNames: wishes.map(({ name }) => name),
    watched: () => undefined,
  });
  for (const wish of wishes) await store.writeSecret(createSecret(wish));

  const looks = new Map<string, number>();
  const busy = new Set<string>();
  const run = async (host: string): Promise<RunResult> => {
    assert.ok(!busy.has(host), `${host} is asked by two at once`);
    busy.add(host);
    looks.set(host, (looks.get(host) ?? 0) + 1);
    await new Promise((resolve) => setImmediate(resolve));
    busy.delete(host);
    return { exitCode: 9, stdout: "", stderr: "no look today" };
  };
  /** As the watch has it, where that is behind. */
  const unheard = new Map<Kind, StoredResource>();
  const list = (kind: Kind): readonly StoredResource[] => {
    const behind = unheard.get(kind);
    const now = [...objects.values()].filter(({ kind: is }) => is === kind) as unknown as StoredResource[];
    return behind === undefined ? now : [behind];
  };
  const known = Object.fromEntries(
    KINDS.map((kind) => [kind, { get: () => undefined, list: () => list(kind) }]),
  ) as unknown as VisitParts["known"]["resources"];
  const registry = new Registry();
  let nowMs = 1_800_000_000_000;
  const parts: VisitParts = {
    client,
    known: { resources: known, secret: () => undefined, secretsIn: () => [], secretsOwnedBy: () => [] },
    shells: {
      shellFor: ({ name }) => ({ host: name, run: () => run(name) }),
      closeIdle: () => {},
      close: () => Promise.resolve(),
    },
    firstUse: firstUseKeys(),
    slots: createExclusiveSlots(100),
    allow: () => undefined,
    accepted: acceptedSpecs(),
    staleMs: 90_000,
    patienceMs: 120_000,
    artifacts: async () => ({ name: "PySyncObj", path: "/opt/x", tarGz: new Uint8Array(), sha256: "0".repeat(64) }),
    announcer: { done: () => {}, normal: () => {}, warning: () => {}, logged: () => {} },
    metrics: createOperatorMetrics(registry),
    memories: visitMemories(() => nowMs),
    hostChanged: () => {},
    owner: "test",
    clock: { now: () => nowMs, monotonic: () => nowMs, sleep: () => Promise.resolve() } as VisitParts["clock"],
    log: silentLog,
  };
  const context = createReconcileContext(new AbortController().signal, () => true);
  return {
    objects,
    unheard,
    path,
    /** How often each host was asked since the last visit began. */
    looked: () => Object.fromEntries(looks),
    pages: () => registry.metrics(),
    visit: async (): Promise<ReconcileResult> => {
      looks.clear();
      nowMs += 30_000;
      return visitStack(KEY, context, parts);
    },
    /** Why each is not Ready, and of which generation that is said. */
    said: () =>
      Object.fromEntries(
        KINDS.flatMap(list).map(({ kind = "", metadata, status }) => {
          const ready = status?.conditions?.find(({ type }) => type === "Ready");
          return [`${kind}/${metadata.name}`, `${status?.phase} ${ready?.reason} ${status?.observedGeneration}`];
        }),
      ),
  };
}

const generation =
  (number: number): Edit =>
  (resource) => ({ ...resource, metadata: { ...resource.metadata, generation: number } });
const EVERYWHERE = { "db-master-01": 1, "db-slave-01": 1, "db-slave-02": 1, "proxy-01": 1, "proxy-02": 1 };

describe("a visit to a stack", () => {
  it("looks at each host once, whatever is on it, and says of each resource what is its own", async () => {
    const stack = await start({ HAProxyPool: generation(7), PgBouncerPool: generation(3) });
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
    const stack = await start({
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
    const stack = await start({ HAProxyPool: (pool) => ({ ...pool, spec: { clusterRef: { name: "keybuzz-pg" } } }) });
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

  it("waits for what one refers to as long as it waits for anything, and then it takes a person", async () => {
    const stack = await start();
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
    const stack = await start();
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
      const stack = await start({
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

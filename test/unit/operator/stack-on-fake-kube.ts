import assert from "node:assert/strict";
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
import type { RemoteShell } from "../../../src/shell/shell.ts";
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
const login = generateKeyPair();
export type Edit = (resource: StoredResource) => StoredResource;

/** How a host answers. */
export type Answer = (host: string, ...asked: Parameters<RemoteShell["run"]>) => ReturnType<RemoteShell["run"]>;

const cannotBeLookedAt: Answer = () => Promise.resolve({ exitCode: 9, stdout: "", stderr: "no look today" });

/** The sample stack on an API server in memory, and hosts that can by default not be looked at, by whoever comes. */
export async function stackOnFakeKube(
  edits: Readonly<Partial<Record<Kind, Edit>>> = {},
  answer: Answer = cannotBeLookedAt,
) {
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

  const events: string[] = [];
  const looks = new Map<string, number>();
  const busy = new Set<string>();
  const run: Answer = async (host, command, options) => {
    if (answer !== cannotBeLookedAt) return answer(host, command, options);
    assert.ok(!busy.has(host), `${host} is asked by two at once`);
    busy.add(host);
    looks.set(host, (looks.get(host) ?? 0) + 1);
    await new Promise((resolve) => setImmediate(resolve));
    busy.delete(host);
    return answer(host, command, options);
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
      shellFor: ({ name }) => ({ host: name, run: (command, options) => run(name, command, options) }),
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
    images: async () => undefined,
    announcer: {
      done: () => {},
      normal: (_, reason, __, note) => void events.push(`${reason} ${note}`),
      warning: (_, reason, __, note) => void events.push(`${reason} ${note}`),
      logged: () => {},
    },
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
    events,
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

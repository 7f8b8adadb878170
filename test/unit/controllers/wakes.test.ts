import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../../src/api/index.ts";
import { connectWakes } from "../../../src/controllers/index.ts";
import { KINDS } from "../../../src/operator/resources/resource-types.ts";
import { createObjectStore } from "../../../src/runtime/object-store.ts";
import type { ObjectChange } from "../../../src/runtime/object-store.ts";
import type { KubeSecret } from "../../../src/state/kube-secrets.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { stored } from "../operator/fake-kube.ts";

const sample = sampleStack();
const [cluster, proxy, pooler] = [sample.clusters[0], sample.haproxyPools[0], sample.pgbouncerPools[0]].map(
  (resource) => stored(resource ?? {}),
) as [StoredResource, StoredResource, StoredResource];

/** Everything there is, with a stack of the same names in another namespace, and who was woken by what is told. */
function world() {
  const others = [cluster, proxy, pooler].map((resource) => stored(resource, { namespace: "other" }));
  const woken: string[] = [];
  const listeners = new Map<string, ((change: ObjectChange<never>) => void)[]>();
  const watch = (name: string, objects: readonly StoredResource[] = []) => {
    const store = createObjectStore<StoredResource>();
    store.replace(objects);
    const own: ((change: ObjectChange<never>) => void)[] = [];
    listeners.set(name, own);
    return { store, onChange: (listener: (change: ObjectChange<never>) => void): void => void own.push(listener) };
  };
  const ofKind = (kind: Kind) =>
    watch(
      kind,
      [cluster, proxy, pooler, ...others].filter((resource) => resource.kind === kind),
    );
  const resources = {
    PostgresHACluster: ofKind("PostgresHACluster"),
    HAProxyPool: ofKind("HAProxyPool"),
    PgBouncerPool: ofKind("PgBouncerPool"),
  };
  const controllers = Object.fromEntries(
    KINDS.map((kind) => [kind, { wake: (key: string) => void woken.push(`${kind} ${key}`) }]),
  ) as unknown as Record<Kind, { wake(key: string): void }>;
  connectWakes(controllers, { resources: resources as never, secrets: [watch("Secret") as never] });
  const tell = (name: string, change: ObjectChange<StoredResource> | ObjectChange<KubeSecret>): readonly string[] => {
    woken.length = 0;
    for (const listener of listeners.get(name) ?? []) listener(change as never);
    return woken.toSorted();
  };
  return tell;
}

const edited = (resource: StoredResource): ObjectChange<StoredResource> => ({
  kind: "updated",
  before: resource,
  object: { ...resource, metadata: { ...resource.metadata, generation: 2 } },
});
const reported = (resource: StoredResource, status: StoredResource["status"]): ObjectChange<StoredResource> => ({
  kind: "updated",
  before: resource,
  object: { ...resource, ...(status === undefined ? {} : { status }) },
});
const secret = (name: string, namespace = "db"): ObjectChange<KubeSecret> => ({
  kind: "added",
  object: { metadata: { name, namespace } },
});

test("an edited cluster wakes itself and its pools, and nobody in another namespace", () => {
  assert.deepEqual(world()("PostgresHACluster", edited(cluster)), [
    "HAProxyPool db/keybuzz-haproxy",
    "PgBouncerPool db/keybuzz-pgbouncer",
    "PostgresHACluster db/keybuzz-pg",
  ]);
});

test("an edited pool wakes its cluster, whose pg_hba admits its hosts", () => {
  assert.deepEqual(world()("HAProxyPool", edited(proxy)), [
    "HAProxyPool db/keybuzz-haproxy",
    "PgBouncerPool db/keybuzz-pgbouncer",
    "PostgresHACluster db/keybuzz-pg",
  ]);
  assert.deepEqual(world()("PgBouncerPool", edited(pooler)), [
    "PgBouncerPool db/keybuzz-pgbouncer",
    "PostgresHACluster db/keybuzz-pg",
  ]);
});

test("a new leader wakes the pools, and what a cluster merely says of itself wakes nobody", () => {
  assert.deepEqual(world()("PostgresHACluster", reported(cluster, { leader: "db-slave-01" })), [
    "HAProxyPool db/keybuzz-haproxy",
    "PgBouncerPool db/keybuzz-pgbouncer",
  ]);
  assert.deepEqual(world()("PostgresHACluster", reported(cluster, { message: "nothing to do" })), []);
});

test("a Secret wakes whom it matters to: the key all, an account the cluster and its pools, another nobody", () => {
  const all = [
    "HAProxyPool db/keybuzz-haproxy",
    "PgBouncerPool db/keybuzz-pgbouncer",
    "PostgresHACluster db/keybuzz-pg",
  ];
  assert.deepEqual(world()("Secret", secret("vm-ssh")), all);
  assert.deepEqual(world()("Secret", secret("keybuzz-pg-role-n8n")), all);
  assert.deepEqual(world()("Secret", secret("somebody-elses")), []);
  assert.deepEqual(world()("Secret", secret("vm-ssh", "third")), []);
});

test("an HAProxy that sees fewer members than before wakes its cluster, which may not know yet", () => {
  const sees = (message: string) => ({ hosts: [{ name: "proxy-01", state: "Serving", message }] });
  const before = { ...proxy, status: sees("writes go to db-1, reads to 2 replicas") } as StoredResource;
  const change = (message: string) => world()("HAProxyPool", reported(before, sees(message) as never));
  assert.deepEqual(change("writes go to db-1, reads to 1 replicas"), ["PostgresHACluster db/keybuzz-pg"]);
  assert.deepEqual(change("writes go to db-1, reads to 2 replicas"), []);
});

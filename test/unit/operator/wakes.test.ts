import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../../src/api/index.ts";
import { wakeStacks } from "../../../src/operator/wakes.ts";
import { createObjectStore } from "../../../src/runtime/object-store.ts";
import type { ObjectChange } from "../../../src/runtime/object-store.ts";
import type { KubeSecret } from "../../../src/state/kube-secrets.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { stackWithBaseline } from "../../model/sample-stack.ts";
import { stored } from "./fake-kube.ts";

const sample = stackWithBaseline();
const { clusters, haproxyPools, pgbouncerPools, baselines } = sample;
const [cluster, proxy, pooler, baseline] = [clusters[0], haproxyPools[0], pgbouncerPools[0], baselines[0]].map(
  (resource) => stored(resource ?? {}),
) as [StoredResource, StoredResource, StoredResource, StoredResource];

/** Everything there is, with a stack of the same names in another namespace, and who was woken by what is told. */
function world() {
  const others = [cluster, proxy, pooler, baseline].map((resource) => stored(resource, { namespace: "other" }));
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
      [cluster, proxy, pooler, baseline, ...others].filter((resource) => resource.kind === kind),
    );
  const resources = {
    PostgresHACluster: ofKind("PostgresHACluster"),
    HAProxyPool: ofKind("HAProxyPool"),
    PgBouncerPool: ofKind("PgBouncerPool"),
    HostBaseline: ofKind("HostBaseline"),
  };
  const controller = { wake: (key: string) => void woken.push(key) };
  wakeStacks(controller, { resources: resources as never, secrets: [watch("Secret") as never] });
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

test("whatever is edited wakes its stack, once, and none in another namespace", () => {
  for (const resource of [cluster, proxy, pooler, baseline])
    assert.deepEqual(world()(resource.kind ?? "", edited(resource)), ["db/keybuzz-pg"]);
});

test("a pool wakes the stack of the cluster that it names, whether that exists or the pool makes sense or not", () => {
  const lost = { ...proxy, spec: { ...(proxy.spec as object), clusterRef: { name: "nowhere" }, hosts: "none" } };
  assert.deepEqual(world()("HAProxyPool", { kind: "added", object: lost }), ["db/nowhere"]);
  const alone = world()("HAProxyPool", { kind: "added", object: { ...proxy, spec: {} } });
  assert.deepEqual(alone, ["db/HAProxyPool keybuzz-haproxy"], "no cluster has such a name");
});

test("what a resource says of itself wakes nobody: whoever cares was looked at with it", () => {
  assert.deepEqual(world()("PostgresHACluster", reported(cluster, { leader: "db-slave-01" })), []);
  const sees = { hosts: [{ name: "proxy-01", state: "Serving", message: "reads to 1 replicas" }] };
  assert.deepEqual(world()("HAProxyPool", reported(proxy, sees as never)), []);
});

test(
  "a Secret wakes the stack it matters to, also one that is new or whose Secret another resource names, " +
    "else nobody",
  () => {
    assert.deepEqual(world()("Secret", secret("vm-ssh")), ["db/keybuzz-pg"]);
    assert.deepEqual(world()("Secret", secret("keybuzz-pg-role-n8n")), ["db/keybuzz-pg"]);
    assert.deepEqual(world()("Secret", secret("somebody-elses")), []);
    assert.deepEqual(world()("Secret", secret("vm-ssh", "third")), []);
  },
);

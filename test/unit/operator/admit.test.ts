import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../../src/api/index.ts";
import { keepLast } from "../../../src/keep-last.ts";
import { admit } from "../../../src/operator/visit/admit.ts";
import type { KnownResources } from "../../../src/operator/resources/known-resources.ts";
import { KINDS } from "../../../src/operator/resources/resource-types.ts";
import { keyOf } from "../../../src/runtime/kube-object.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { stored } from "./fake-kube.ts";

const sample = sampleStack();
const [cluster] = sample.clusters;
const [proxy] = sample.haproxyPools;
const [pooler] = sample.pgbouncerPools;
assert.ok(cluster && proxy && pooler);
const anywhere = (): undefined => undefined;

function known(...resources: readonly StoredResource[]): KnownResources {
  const of = (kind: Kind) => {
    const own = resources.filter((resource) => resource.kind === kind);
    return { get: (key: string) => own.find((resource) => keyOf(resource) === key), list: () => own };
  };
  return {
    resources: Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as unknown as KnownResources["resources"],
    secret: () => undefined,
    secretsIn: () => [],
    secretsOwnedBy: () => [],
  };
}

function verdict(subject: StoredResource, ...others: readonly StoredResource[]): string {
  const result = admit(subject, known(subject, ...others), anywhere, keepLast());
  return "refusal" in result ? `${result.refusal.reason} ${result.refusal.heals ? "heals" : "stalls"}` : "admitted";
}

test("a pool is admitted with its cluster, and planned with that one's other pools", () => {
  const subject = stored(pooler);
  const result = admit(
    subject,
    known(
      subject,
      stored(cluster),
      stored(proxy),
      stored({ ...proxy, metadata: { name: "elsewhere" }, spec: { ...proxy.spec, clusterRef: { name: "other" } } }),
    ),
    anywhere,
    keepLast(),
  );
  assert.ok("admitted" in result);
  assert.deepEqual(
    result.admitted.stored.map(({ metadata }) => metadata.name),
    ["keybuzz-pg", "keybuzz-haproxy", "keybuzz-pgbouncer"],
  );
});

test("a cluster in another namespace is not found, and one that comes later is waited for", () => {
  assert.equal(verdict(stored(proxy)), "ClusterNotFound heals");
  assert.equal(verdict(stored(proxy), stored(cluster, { namespace: "other" })), "ClusterNotFound heals");
});

test("what the schema refuses stalls, whatever the API server let through", () => {
  assert.equal(verdict(stored({ ...cluster, spec: { ...cluster.spec, hosts: "none" } })), "InvalidSpec stalls");
});

test("what only rules across resources refuse stalls the one that is wrong", () => {
  const clash = stored({ ...pooler, spec: { ...pooler.spec, port: 5432 } });
  assert.equal(verdict(clash, stored(cluster), stored(proxy)), "InvalidSpec stalls");
});

test("a pool of an invalid cluster waits for that one to be mended", () => {
  const broken = stored({
    ...cluster,
    spec: { ...cluster.spec, hosts: cluster.spec.hosts.map((host) => ({ ...host, failoverPriority: 0 })) },
  });
  assert.equal(verdict(stored(proxy), broken), "ClusterInvalid heals");
});

test("a host belongs to the older of two resources of a kind, in whatever namespaces", () => {
  const older = stored(cluster, { namespace: "a", created: "2026-01-01T00:00:00Z" });
  const younger = stored(cluster, { namespace: "b", created: "2026-01-02T00:00:00Z" });
  assert.equal(verdict(younger, older), "HostClaimed stalls");
  assert.equal(verdict(older, younger), "admitted");
});

test("hosts outside the operator's networks are refused before they are reached", () => {
  const subject = stored(cluster);
  const result = admit(subject, known(subject), () => ({ host: "db-master-01", message: "outside" }), keepLast());
  assert.ok("refusal" in result);
  assert.deepEqual([result.refusal.reason, result.refusal.about], ["HostNotAllowed", "HostsReachable"]);
});

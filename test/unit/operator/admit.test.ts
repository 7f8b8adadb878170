import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import type { Kind } from "../../../src/api/index.ts";
import { keepLast } from "../../../src/keep-last.ts";
import type { Problem } from "../../../src/errors.ts";
import { acceptedSpecs, acceptedText } from "../../../src/operator/resources/accepted.ts";
import { admitStack } from "../../../src/operator/visit/admit.ts";
import type { Judges, Verdict } from "../../../src/operator/visit/admit.ts";
import { nameOfStored } from "../../../src/operator/resources/known-resources.ts";
import { residentsOf, stackKeyOf } from "../../../src/operator/resources/stack-of.ts";
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

function judges(resources: KnownResources, accepted = acceptedSpecs()) {
  return { known: resources, allow: anywhere, accepted, keep: keepLast<readonly Problem[]>() };
}

/** The verdict on one resource of its stack. */
function admit(subject: StoredResource, by: Judges): Verdict {
  const verdicts = admitStack(residentsOf(stackKeyOf(subject), by.known), by);
  const [, found] = [...verdicts].find(([one]) => nameOfStored(one) === nameOfStored(subject)) ?? [];
  assert.ok(found, "every resource of the stack is judged");
  return found;
}

function told(result: Verdict): string {
  const refusal = "refusal" in result ? result.refusal : result.admitted.invalid;
  if (refusal === undefined) return "admitted";
  return `${"refusal" in result ? "" : "looked at: "}${refusal.reason} ${refusal.heals ? "heals" : "stalls"}`;
}

function verdict(subject: StoredResource, ...others: readonly StoredResource[]): string {
  return told(admit(subject, judges(known(subject, ...others))));
}

test("a pool is admitted with its cluster, and planned with that one's other pools", () => {
  const subject = stored(pooler);
  const result = admit(
    subject,
    judges(
      known(
        subject,
        stored(cluster),
        stored(proxy),
        stored({ ...proxy, metadata: { name: "elsewhere" }, spec: { ...proxy.spec, clusterRef: { name: "other" } } }),
      ),
    ),
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
  assert.equal(verdict(clash, stored(cluster), stored(proxy)), "looked at: InvalidSpec stalls");
});

test("a pool of an invalid cluster waits for that one to be mended", () => {
  const broken = stored({
    ...cluster,
    spec: { ...cluster.spec, hosts: cluster.spec.hosts.map((host) => ({ ...host, failoverPriority: 0 })) },
  });
  assert.equal(verdict(stored(proxy), broken), "looked at: ClusterInvalid heals");
});

test("a host belongs to the older of two resources of a kind, in whatever namespaces", () => {
  const older = stored(cluster, { namespace: "a", created: "2026-01-01T00:00:00Z" });
  const younger = stored(cluster, { namespace: "b", created: "2026-01-02T00:00:00Z" });
  assert.equal(verdict(younger, older), "HostClaimed stalls");
  assert.equal(verdict(older, younger), "admitted");
});

test("hosts outside the operator's networks are refused before they are reached", () => {
  const subject = stored(cluster);
  const allow = () => ({ host: "db-master-01", message: "outside" });
  const result = admit(subject, { ...judges(known(subject)), allow });
  assert.ok("refusal" in result);
  assert.deepEqual([result.refusal.reason, result.refusal.about], ["HostNotAllowed", "HostsReachable"]);
});

describe("a resource that was valid and is not any more", () => {
  const broken = (
    subject: StoredResource,
    databases: unknown = [{ name: "app", owner: "nobody" }],
  ): StoredResource => ({
    ...subject,
    spec: { ...(subject.spec as object), databases },
  });
  const others = [stored(proxy), stored(pooler)];

  for (const [what, after] of [
    ["by a rule across fields", broken(stored(cluster))],
    ["by the schema", broken(stored(cluster), "none")],
  ] as const) {
    it(`is looked at by its last valid version (${what}), and so are its pools, which may be mended by that`, () => {
      const accepted = acceptedSpecs();
      assert.equal(told(admit(stored(cluster), judges(known(stored(cluster), ...others), accepted))), "admitted");
      const now = judges(known(after, ...others), accepted);
      const result = admit(after, now);
      assert.equal(told(result), "looked at: InvalidSpec stalls");
      assert.ok("admitted" in result);
      assert.deepEqual(result.admitted.resource, result.admitted.stack.clusters[0]);
      assert.deepEqual((result.admitted.resource.spec as typeof cluster.spec).databases, cluster.spec.databases);
      const pool = admit(stored(proxy), { ...now, keep: keepLast() });
      assert.equal(told(pool), "admitted");
      assert.ok("admitted" in pool);
      assert.deepEqual(pool.admitted.stack.clusters[0]?.spec.databases, cluster.spec.databases);
    });
  }

  it("is so after a restart of the operator, by what its status keeps", () => {
    const after = broken(stored(cluster), "none");
    const kept = { ...after, status: { acceptedSpec: acceptedText(cluster) } } as StoredResource;
    assert.equal(told(admit(after, judges(known(after, ...others)))), "InvalidSpec stalls");
    assert.equal(told(admit(kept, judges(known(kept, ...others)))), "looked at: InvalidSpec stalls");
    assert.equal(told(admit(stored(proxy), judges(known(kept, ...others)))), "admitted");
    const torn = { ...after, status: { acceptedSpec: '{"hosts":' } } as StoredResource;
    assert.equal(told(admit(torn, judges(known(torn, ...others)))), "InvalidSpec stalls");
  });

  it("is not taken for another resource of the same name", () => {
    const accepted = acceptedSpecs();
    admit(stored(cluster), judges(known(stored(cluster)), accepted));
    const next = broken({ ...stored(cluster), metadata: { ...stored(cluster).metadata, uid: "another" } }, "none");
    assert.equal(told(admit(next, judges(known(next), accepted))), "InvalidSpec stalls");
  });
});

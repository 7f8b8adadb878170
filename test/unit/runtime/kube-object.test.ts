import assert from "node:assert/strict";
import { test } from "node:test";
import { collectionPath, keyOf, objectPath, splitKey } from "../../../src/runtime/kube-object.ts";
import { microTime } from "../../../src/runtime/micro-time.ts";

const SECRETS = { group: "", version: "v1", plural: "secrets", kind: "Secret" };
const LEASES = { group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease" };

test("paths of the core group and of others, in one namespace, in all, and of a part", () => {
  assert.equal(collectionPath(SECRETS), "/api/v1/secrets");
  assert.equal(collectionPath(LEASES, "here"), "/apis/coordination.k8s.io/v1/namespaces/here/leases");
  assert.equal(objectPath(LEASES, "here/a", "status"), "/apis/coordination.k8s.io/v1/namespaces/here/leases/a/status");
  assert.equal(objectPath(SECRETS, "here/../x"), "/api/v1/namespaces/here/secrets/..%2Fx");
});

test("a key leads back to namespace and name", () => {
  assert.deepEqual(splitKey(keyOf({ metadata: { namespace: "here", name: "a" } })), { namespace: "here", name: "a" });
  assert.deepEqual(splitKey(keyOf({ metadata: { name: "a" } })), { namespace: undefined, name: "a" });
});

test("a MicroTime has six digits after the second", () => {
  assert.equal(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6)), "2026-01-02T03:04:05.006000Z");
});

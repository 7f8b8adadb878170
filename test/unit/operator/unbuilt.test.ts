import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reason } from "../../../src/reasons.ts";
import { unbuilt } from "../../../src/operator/visit/unbuilt.ts";

const blocked = (reason: Reason) =>
  unbuilt({ plan: { blockers: [{ resource: "x", reason, why: "why", wayOut: "Create it.", scope: "everything" }] } });

test("what a reference names is awaited by its name, and then counts as stuck", () => {
  assert.deepEqual(
    (["ClusterNotFound", "HAProxyPoolNotFound"] as const).map((reason) => [
      blocked(reason).heals,
      blocked(reason).awaits,
    ]),
    [
      [true, "its PostgresHACluster"],
      [true, "an HAProxyPool to go through"],
    ],
  );
  assert.equal(unbuilt({ plan: { blockers: [] } }).awaits, "Secrets that can be used");
});

test("what only a person mends is stuck at once", () => {
  const { heals, awaits, about, message } = blocked("SecretUnusable");
  assert.deepEqual([heals, awaits, about, message], [false, undefined, "CredentialsReady", "why. Create it."]);
});

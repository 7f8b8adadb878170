import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedHostKeys, ANNOTATIONS, whyHandsOff } from "../../../src/operator/annotations.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { stored } from "./fake-kube.ts";

const [cluster] = sampleStack().clusters;
assert.ok(cluster);
const FINGERPRINT = `SHA256:${"a".repeat(43)}`;

test("paused by spec or by annotation is the same", () => {
  assert.equal(whyHandsOff(stored(cluster)), undefined);
  assert.equal(whyHandsOff(stored({ ...cluster, spec: { ...cluster.spec, paused: true } })), "Paused");
  assert.equal(whyHandsOff(stored(cluster, { annotations: { [ANNOTATIONS.paused]: "true" } })), "Paused");
  assert.equal(whyHandsOff(stored(cluster, { annotations: { [ANNOTATIONS.observeOnly]: "true" } })), "ObserveOnly");
});

test("only the word true pauses", () =>
  assert.equal(whyHandsOff(stored(cluster, { annotations: { [ANNOTATIONS.paused]: "no" } })), undefined));

test("approved keys are read one by one, and what is not written as asked approves nothing", () => {
  const annotations = { [ANNOTATIONS.acceptHostKey]: `db-1=${FINGERPRINT}, db-2=MD5:aa, =${FINGERPRINT},db-3` };
  assert.deepEqual([...acceptedHostKeys(stored(cluster, { annotations }))], [["db-1", FINGERPRINT]]);
});

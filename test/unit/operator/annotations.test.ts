import assert from "node:assert/strict";
import { test } from "node:test";
import { ANNOTATIONS } from "../../../src/api/annotations.ts";
import { approvals, rotationsAsked } from "../../../src/operator/annotations.ts";
import { whyHandsOff } from "../../../src/api/annotations.ts";
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

test("approvals are read one by one, and what is not written as asked approves nothing", () => {
  const machine = "0ca3447e9344434bab9e6fb6ffc5c2c1";
  const volume = "fa44cc99-5003-49c3-9317-ea333cb18a25";
  const annotations = {
    [ANNOTATIONS.acceptHostKey]:
      `db-1=${FINGERPRINT}, db-2=MD5:aa, ` +
      `=${FINGERPRINT},db-3,db-4=machine:${machine},db-4=volume:${volume}, db-5=machine:x, db-6=volume:`,
  };
  assert.deepEqual(
    [...approvals(stored(cluster, { annotations }))],
    [
      ["db-1", { fingerprint: FINGERPRINT }],
      ["db-4", { machineId: machine, volumeUuid: volume }],
    ],
  );
});

test("roles for a new password are named once each, whatever stands between them", () => {
  const asked = (value: string) =>
    rotationsAsked(stored(cluster, { annotations: { [ANNOTATIONS.rotatePassword]: value } }));
  assert.deepEqual(asked("n8n"), ["n8n"]);
  assert.deepEqual(asked(" n8n , key_buzz,,n8n"), ["n8n", "key_buzz"]);
  assert.deepEqual(asked(""), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject, ObjectMeta } from "../../../src/runtime/kube-object.ts";
import type { ObjectChange } from "../../../src/runtime/object-store.ts";
import { isMoreThanStatus, wakeOn } from "../../../src/runtime/wake-on.ts";

interface Referring extends KubeObject {
  readonly refersTo: readonly string[];
}

function referring(...refersTo: readonly string[]): Referring {
  return { metadata: { namespace: "here", name: "a" }, refersTo };
}

function woken(change: ObjectChange<Referring>, keysFor?: (object: Referring) => Iterable<string>): readonly string[] {
  const keys: string[] = [];
  wakeOn({ wake: (key) => void keys.push(key) }, { onChange: (listener) => listener(change) }, keysFor);
  return keys;
}

test("a resource wakes itself", () => {
  assert.deepEqual(woken({ kind: "added", object: referring() }), ["here/a"]);
  assert.deepEqual(woken({ kind: "updated", before: referring(), object: referring() }), ["here/a"]);
});

test("an object wakes those it matters to, and those it mattered to before the change", () => {
  const change = {
    kind: "updated",
    before: referring("here/x", "here/y"),
    object: referring("here/y", "here/z"),
  } as const;
  assert.deepEqual(
    woken(change, ({ refersTo }) => refersTo),
    ["here/x", "here/y", "here/z"],
  );
});

const base: ObjectMeta = { name: "a", uid: "1", generation: 3, resourceVersion: "10", annotations: { note: "x" } };
const changes: readonly { readonly reason: string; readonly to: Partial<ObjectMeta>; readonly matters: boolean }[] = [
  { reason: "status alone", to: { resourceVersion: "11" }, matters: false },
  { reason: "spec", to: { generation: 4 }, matters: true },
  { reason: "an annotation", to: { annotations: { note: "y" } }, matters: true },
  { reason: "deletion", to: { deletionTimestamp: "2026-01-01T00:00:00Z" }, matters: true },
  { reason: "another object of the same name", to: { uid: "2" }, matters: true },
];

for (const { reason, to, matters } of changes) {
  test(`a change of ${reason} ${matters ? "matters" : "does not matter"}`, () => {
    assert.equal(
      isMoreThanStatus({ kind: "updated", before: { metadata: base }, object: { metadata: { ...base, ...to } } }),
      matters,
    );
  });
}

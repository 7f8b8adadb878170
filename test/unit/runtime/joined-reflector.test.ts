import assert from "node:assert/strict";
import { test } from "node:test";
import { joinReflectors } from "../../../src/runtime/joined-reflector.ts";
import type { KubeObject } from "../../../src/runtime/kube-object.ts";
import { createObjectStore } from "../../../src/runtime/object-store.ts";
import type { ObjectChange } from "../../../src/runtime/object-store.ts";
import type { Reflector } from "../../../src/runtime/reflector.ts";

const object = (namespace: string, name: string): KubeObject => ({ metadata: { namespace, name } });

/** A reflector that never ran. */
function still(): Reflector<KubeObject> & { readonly store: ReturnType<typeof createObjectStore<KubeObject>> } {
  return {
    selection: { type: { group: "", version: "v1", plural: "secrets", kind: "Secret" } },
    store: createObjectStore<KubeObject>(),
    onChange(listener: (change: ObjectChange<KubeObject>) => void) {
      for (const known of this.store.list()) listener({ kind: "added", object: known });
    },
    synced: () => false,
    whenSynced: () => Promise.resolve(),
    run: () => Promise.resolve(),
  };
}

test("one store of all parts, whose list is the same as long as none of them changes", () => {
  const [left, right] = [still(), still()];
  const { store } = joinReflectors<KubeObject>([left, right]);
  assert.deepEqual([store.list(), store.size, store.get("a/x")], [[], 0, undefined]);
  left.store.put(object("a", "x"));
  right.store.put(object("b", "y"));
  const list = store.list();
  assert.deepEqual(list, [object("a", "x"), object("b", "y")]);
  assert.equal(store.list(), list);
  assert.deepEqual([store.size, store.get("b/y")], [2, object("b", "y")]);
  right.store.remove(object("b", "y"));
  assert.deepEqual(store.list(), [object("a", "x")]);
});

test("what is known already is told of all parts, and one part is itself", () => {
  const [left, right] = [still(), still()];
  left.store.put(object("a", "x"));
  right.store.put(object("b", "y"));
  const heard: string[] = [];
  joinReflectors<KubeObject>([left, right]).onChange(({ object: { metadata } }) => heard.push(metadata.name));
  assert.deepEqual(heard, ["x", "y"]);
  assert.equal(joinReflectors<KubeObject>([left]), left);
});

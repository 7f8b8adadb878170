import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KubeObject } from "../../../src/runtime/kube-object.ts";
import { createObjectStore } from "../../../src/runtime/object-store.ts";

function object(name: string, resourceVersion: string): KubeObject {
  return { metadata: { namespace: "here", name, resourceVersion } };
}

test("a new object is added, a newer state is an update with what was before, the same state is nothing", () => {
  const store = createObjectStore();
  assert.deepEqual(store.put(object("a", "1")), { kind: "added", object: object("a", "1") });
  assert.deepEqual(store.put(object("a", "2")), {
    kind: "updated",
    object: object("a", "2"),
    before: object("a", "1"),
  });
  assert.equal(store.put(object("a", "2")), undefined);
  assert.deepEqual(store.get("here/a"), object("a", "2"));
});

test("a list says what is new, changed and gone since the last one, and what is gone comes first", () => {
  const store = createObjectStore();
  store.replace([object("stays", "1"), object("changes", "1"), object("goes", "1")]);
  const changes = store.replace([object("stays", "1"), object("changes", "2"), object("new", "3")]);
  assert.deepEqual(
    changes.map((change) => [change.kind, change.object.metadata.name]),
    [
      ["deleted", "goes"],
      ["updated", "changes"],
      ["added", "new"],
    ],
  );
});

test("whatever lists follow each other, following the changes leads to the last list", () => {
  const world = fc.uniqueArray(
    fc.record({ name: fc.constantFrom("a", "b", "c", "d"), version: fc.constantFrom("1", "2") }),
    { selector: ({ name }) => name },
  );
  fc.assert(
    fc.property(fc.array(world, { maxLength: 6 }), (lists) => {
      const store = createObjectStore();
      const followed = new Map<string, string | undefined>();
      for (const list of lists) {
        for (const change of store.replace(list.map(({ name, version }) => object(name, version)))) {
          if (change.kind === "deleted") followed.delete(change.object.metadata.name);
          else followed.set(change.object.metadata.name, change.object.metadata.resourceVersion);
        }
        assert.deepEqual(
          new Map(list.map(({ name, version }) => [name, version])),
          new Map([...followed].toSorted(byPlaceIn(list))),
        );
        assert.equal(store.size, list.length);
      }
    }),
  );
});

function byPlaceIn(
  list: readonly { readonly name: string }[],
): (one: readonly [string, unknown], other: readonly [string, unknown]) => number {
  const place = (name: string): number => list.findIndex((entry) => entry.name === name);
  return ([one], [other]) => place(one) - place(other);
}

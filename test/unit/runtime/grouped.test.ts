import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { groupedBy } from "../../../src/runtime/grouped.ts";
import type { KubeObject } from "../../../src/runtime/kube-object.ts";
import { createObjectStore } from "../../../src/runtime/object-store.ts";

/** An object with its keys as labels. */
function object(name: string, keys: readonly string[], resourceVersion = "1"): KubeObject {
  return { metadata: { name, resourceVersion, labels: Object.fromEntries(keys.map((key) => [key, ""])) } };
}

function keysOf({ metadata }: KubeObject): readonly string[] {
  return Object.keys(metadata.labels ?? {});
}

function plainly(list: readonly KubeObject[]): ReadonlyMap<string, readonly KubeObject[]> {
  const pairs = list.flatMap((one) => keysOf(one).map((key) => ({ key, one })));
  const groups = [...Map.groupBy(pairs, ({ key }) => key)];
  return new Map(groups.map(([key, own]) => [key, own.map(({ one }) => one)]));
}

test("whatever happens to a store, it is grouped as if nothing were kept, in the order of its list", () => {
  const change = fc.record({
    name: fc.constantFrom("a", "b", "c", "d"),
    keys: fc.uniqueArray(fc.constantFrom("x", "y", "z"), { maxLength: 2 }),
    isGone: fc.boolean(),
    isAsked: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const store = createObjectStore();
      const grouped = groupedBy(keysOf);
      for (const [version, { name, keys, isGone, isAsked }] of changes.entries()) {
        if (isGone) store.remove(object(name, []));
        else store.put(object(name, keys, String(version)));
        if (isAsked) assert.deepEqual(grouped(store), plainly(store.list()));
      }
      assert.deepEqual(grouped(store), plainly(store.list()));
    }),
    { numRuns: 500 },
  );
});

test("an object that left, and one that came since, leave the others where they are", () => {
  const store = createObjectStore();
  const grouped = groupedBy(keysOf);
  for (const name of ["c", "a"]) store.put(object(name, ["y"]));
  grouped(store);
  store.put(object("b", ["y"]));
  store.remove(object("c", []));
  assert.deepEqual(grouped(store), plainly(store.list()));
});

test("only what changed is asked for its keys, and each store is kept by itself", () => {
  const asked: string[] = [];
  const grouped = groupedBy((one) => {
    asked.push(one.metadata.name);
    return keysOf(one);
  });
  const [store, other] = [createObjectStore(), createObjectStore()];
  for (const name of ["a", "b", "c"]) store.put(object(name, ["x"]));
  other.put(object("d", ["x"]));
  grouped(store);
  grouped(other);
  asked.length = 0;
  store.put(object("b", ["x"], "2"));
  store.put(object("e", ["y"]));
  assert.deepEqual(
    [grouped(store), grouped(other), grouped(store)].map((groups) =>
      (groups.get("x") ?? []).map(({ metadata }) => `${metadata.name}${metadata.resourceVersion ?? ""}`),
    ),
    [["a1", "b2", "c1"], ["d1"], ["a1", "b2", "c1"]],
  );
  assert.deepEqual(asked, ["b", "e"]);
});

test("what could not be grouped is grouped anew", () => {
  const store = createObjectStore();
  let isFit = true;
  const grouped = groupedBy((one) => {
    if (!isFit && one.metadata.name === "c") throw new Error("unfit");
    return keysOf(one);
  });
  store.put(object("a", ["x"]));
  grouped(store);
  store.put(object("b", ["x"]));
  store.put(object("c", ["x"]));
  isFit = false;
  assert.throws(() => grouped(store), /unfit/);
  isFit = true;
  assert.deepEqual(
    grouped(store)
      .get("x")
      ?.map(({ metadata }) => metadata.name),
    ["a", "b", "c"],
  );
});

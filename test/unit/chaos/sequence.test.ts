import assert from "node:assert/strict";
import { test } from "node:test";
import { EDIT_NAMES } from "../../chaos/edits.ts";
import { FAULT_NAMES } from "../../chaos/faults.ts";
import { sequenceOf } from "../../chaos/sequence.ts";

test("the same seed breaks and edits the same at the same times, and another one does not", () => {
  assert.deepEqual(sequenceOf(7, 300), sequenceOf(7, 300));
  assert.notDeepEqual(sequenceOf(7, 300), sequenceOf(8, 300));
  assert.deepEqual(
    sequenceOf(7, 60).filter(({ kind }) => kind === "edit"),
    sequenceOf(7, 300).filter(({ kind, atMs }) => kind === "edit" && atMs < 60_000),
  );
});

test("within some seeds everything that can happen does", () => {
  const all = Array.from({ length: 20 }, (_, seed) => sequenceOf(seed, 300)).flat();
  const names = new Set(
    all.map((one) => (one.kind === "fault" ? one.fault : one.kind === "edit" ? one.edit : one.kind)),
  );
  assert.deepEqual(names, new Set([...FAULT_NAMES, ...EDIT_NAMES, "kill"]));
  assert.ok(all.every((one) => one.kind !== "fault" || one.on !== one.peer));
});

test("one member and one proxy host is broken at a time", () => {
  for (const where of ["proxy", "member"]) {
    const faults = sequenceOf(3, 600).flatMap((one) =>
      one.kind === "fault" && one.on.startsWith("proxy") === (where === "proxy") ? [one] : [],
    );
    for (const [index, { atMs }] of faults.entries()) {
      const { atMs: before = 0, lastsMs = 0 } = faults[index - 1] ?? {};
      assert.ok(atMs >= before + lastsMs, `${atMs}`);
    }
  }
});

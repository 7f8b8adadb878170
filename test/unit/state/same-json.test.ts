import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { isSameJson } from "../../../src/state/same-json.ts";

/** Small on purpose, so that two of them are often alike; with fields that are not sent. */
const document = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 1, "", "a"),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(
    fc.constantFrom("a", "b", "toString", "__proto__"),
    fc.oneof(tie("value"), fc.constant(undefined)),
    { maxKeys: 3 },
  ),
})).value;

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("says the same as comparing what arrives", () => {
  fc.assert(
    fc.property(document, document, (one, other) => {
      assert.equal(isSameJson(overTheWire(one), other), isDeepStrictEqual(overTheWire(one), overTheWire(other)));
    }),
    { numRuns: 2_000 },
  );
});

test("a value is the same as itself when it arrived, whatever was left out", () => {
  fc.assert(fc.property(document, (value) => assert.equal(isSameJson(overTheWire(value), value), true)));
});

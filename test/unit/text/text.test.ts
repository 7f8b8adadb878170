import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { duration } from "../../../src/text/duration.ts";
import { paragraph, width, wrap } from "../../../src/text/layout.ts";
import { printable } from "../../../src/text/printable.ts";
import { styleFor } from "../../../src/text/style.ts";
import { table } from "../../../src/text/table.ts";
import { list } from "../../../src/text/words.ts";
import { anyCharacter } from "../../properties/any-character.ts";

test("a span of time is as exact as people need it", () => {
  const cases: readonly (readonly [number, string])[] = [
    [-5, "0.0 s"],
    [420, "0.4 s"],
    [9_949, "9.9 s"],
    [9_950, "10 s"],
    [60_000, "60 s"],
    [119_499, "119 s"],
    [119_500, "2 min"],
    [185_000, "3 min 05 s"],
    [3_600_000, "1 h"],
    [7_800_000, "2 h 10 min"],
  ];
  assert.deepEqual(
    cases.map(([milliseconds]) => duration(milliseconds)),
    cases.map(([, text]) => text),
  );
});

test("whatever a host says, no control character is left but line ends and tabs", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      // oxlint-disable-next-line no-control-regex -- control characters are what it is about
      assert.doesNotMatch(printable(text), /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
    }),
  );
  assert.equal(printable("a\tb\r\nc"), "a\tb\nc");
});

test("wrapping loses no word and is never too wide where a word is not", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
      fc.integer({ min: 12, max: 60 }),
      (words, columns) => {
        const lines = wrap(words.join(" "), columns);
        assert.equal(lines.join(" "), words.join(" "));
        assert.ok(lines.every((line) => width(line) <= columns));
      },
    ),
  );
  assert.deepEqual(paragraph("one two three", 4, 25), ["    one two three"]);
});

test("a table leaves out columns that are empty throughout, and counts no colour as width", () => {
  const style = styleFor(true);
  assert.deepEqual(
    table(
      ["A", "B", "C"],
      [
        ["x", "", style.good("long")],
        ["yy", "", "z"],
      ],
      styleFor(false),
    ),
    ["  A   C", `  x   ${style.good("long")}`, "  yy  z"],
  );
});

test("a list of words ends in `and`", () => {
  assert.deepEqual(
    [list([]), list(["a"]), list(["a", "b"]), list(["a", "b", "c"])],
    ["", "a", "a and b", "a, b and c"],
  );
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseCsv } from "../../../src/facts/csv.ts";

describe("CSV", () => {
  it("comes back as it was written, whatever the cells hold", () => {
    const cell = fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", "€", " "), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 }), fc.boolean(), (rows, trailing) => {
        const quote = (text: string): string => (/["\n\r,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
        const text = ["a,b,c", ...rows.map((row) => row.map(quote).join(","))].join("\n") + (trailing ? "\n" : "");
        assert.deepEqual(
          parseCsv(text),
          rows.map(([a, b, c]) => ({ a, b, c })),
        );
      }),
    );
  });

  it("is nothing without a header, and short rows have empty cells", () => {
    assert.deepEqual(parseCsv(""), []);
    assert.deepEqual(parseCsv("a,b\r\n1,2\r\n3\r\n"), [
      { a: "1", b: "2" },
      { a: "3", b: "" },
    ]);
  });
});

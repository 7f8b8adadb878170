import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { collationFault, localesMissing } from "../../../src/plan/collations.ts";
import type { CollationsMove } from "../../../src/plan/collations.ts";

const words = { from: "here", to: "there" };
const LIBC = { database: "shop", provider: "libc", locale: "de_DE.UTF-8", version: "2.36" } as const;
const ICU = {
  database: "shop",
  index: "names_lower",
  provider: "icu",
  locale: "und-x-icu",
  version: "153.112",
} as const;

type Sides = { readonly [Side in "from" | "to"]?: Partial<CollationsMove[Side]> };

function fault({ from, to, ...others }: Omit<Partial<CollationsMove>, keyof Sides> & Sides): string | undefined {
  const side = (libraries: Sides["from"] = { libc: "glibc 2.36" }): CollationsMove["from"] => ({
    locales: [],
    ...libraries,
  });
  return collationFault({ uses: [LIBC], words, ...others, from: side(from), to: side(to) });
}

describe("an order of text that another library decides", () => {
  it("is the same with the same library, and with another one that nothing goes by", () => {
    assert.equal(fault({}), undefined);
    assert.equal(fault({ to: { libc: "glibc 2.41" }, uses: [] }), undefined);
    assert.equal(fault({ from: { libc: "glibc 2.36", icu: "72" }, uses: [LIBC] }), undefined);
  });

  it("is another with another version of glibc, and what goes by it is named", () => {
    assert.equal(
      fault({ to: { libc: "glibc 2.41" } }),
      "text would be ordered by another library: here has glibc 2.36, and there has glibc 2.41. Indexes on text could " +
        "silently be wrong there: the database shop (libc de_DE.UTF-8, noted with 2.36)",
    );
  });

  it("is another with another ICU, or none, for what goes by that alone", () => {
    const from = { libc: "glibc 2.36", icu: "72" };
    assert.match(fault({ from, to: { libc: "glibc 2.36", icu: "76" }, uses: [LIBC, ICU] }) ?? "", /ICU 72.*ICU 76/);
    assert.match(
      fault({ from, to: { libc: "glibc 2.36" }, uses: [ICU] }) ?? "",
      /no ICU.*: the index names_lower of shop/,
    );
    assert.equal(fault({ from, to: { libc: "glibc 2.36" }, uses: [] }), undefined);
  });

  it("is never taken for the same of musl and glibc, whatever goes by it", () => {
    assert.match(fault({ to: { libc: "musl" }, uses: [] }) ?? "", /here has glibc 2\.36, and there has musl/);
    assert.match(fault({ from: { libc: "musl" }, uses: undefined }) ?? "", /here has musl/);
    assert.equal(fault({ from: { libc: "musl" }, to: { libc: "musl" } }), undefined);
  });

  it("is not taken for the same where nobody says which library it is, or what goes by it", () => {
    assert.match(fault({ to: {} }) ?? "", /there has a C library that says no version/);
    assert.match(fault({ to: { libc: "glibc 2.41" }, uses: undefined }) ?? "", /could silently be wrong there$/);
    assert.equal(fault({ uses: undefined }), undefined);
  });

  it("is told of a few by name, whole databases first", () => {
    const uses = Array.from({ length: 9 }, (_, number) => ({ ...ICU, index: `i${number}`, provider: "libc" as const }));
    const said = fault({ to: { libc: "glibc 2.41" }, uses: [...uses, LIBC] }) ?? "";
    assert.match(said, /wrong there: the database shop .*the index i4 .* and 4 more$/);
  });

  it("takes the locale to be there as well, however it is written", () => {
    const missing = (...locales: readonly string[]): readonly string[] =>
      localesMissing({ to: { libc: "glibc 2.36", locales }, uses: [LIBC, LIBC, ICU] });
    assert.deepEqual(missing("C", "de_DE.utf8"), []);
    assert.deepEqual(missing("C", "POSIX"), ["de_DE.UTF-8"]);
    // Nobody says which there are.
    assert.deepEqual(missing(), []);
  });
});

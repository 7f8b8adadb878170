import fc from "fast-check";

const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * Any code point: what `unit: "binary"` means to fast-check, which however keeps a map of the whole of Unicode to
 * shrink with. That takes over a second and 100 MB in each process, and each fork of a shell copies its page tables.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.nat(0x10ffff - SURROGATES.count).map(
  (number) => String.fromCodePoint(number < SURROGATES.first ? number : number + SURROGATES.count),
  (value) => {
    const code = typeof value === "string" ? value.codePointAt(0) : undefined;
    if (code === undefined || String.fromCodePoint(code) !== value || !value.isWellFormed())
      throw new TypeError("not one character");
    return code < SURROGATES.first ? code : code - SURROGATES.count;
  },
);

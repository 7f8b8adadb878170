import fc from "fast-check";

/** Any well-formed text, control characters and all. fast-check's own "binary" unit takes seconds to set up. */
export function anyText(minLength = 0): fc.Arbitrary<string> {
  const ascii = fc.integer({ min: 0, max: 0x7f });
  const any = fc
    .integer({ min: 0x80, max: 0x10ffff })
    .map((code) => (code >= 0xd800 && code <= 0xdfff ? 0xfffd : code));
  return fc.string({
    unit: fc
      .oneof({ weight: 3, arbitrary: ascii }, { weight: 2, arbitrary: any })
      .map((code) => String.fromCodePoint(code)),
    minLength,
  });
}

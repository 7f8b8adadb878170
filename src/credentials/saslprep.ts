import saslprep from "@mongodb-js/saslprep";

/**
 * A password as PostgreSQL, libpq and PgBouncer feed it to SCRAM: SASLprep (RFC 4013) where it applies, else the
 * text as it is.
 *
 * Theirs is not the RFC to the letter, and a verifier is worth nothing unless both ends agree, so theirs is what
 * counts (pg_saslprep in src/common/saslprep.c): plain ASCII is never touched, control characters included; what may
 * not occur is looked for before the normalisation, not after it; and a text that is refused is used unprepared.
 * The library knows the tables of RFC 3454; it is asked about one character at a time.
 */
export function preparePassword(password: string): string {
  if (ascii.test(password)) {
    return password;
  }
  const mapped = Array.from(password, (character) => (spaces.test(character) ? " " : character)).filter(
    (character) => !nothing.test(character),
  );
  return mapped.length === 0 || mapped.some(isRefused) || mixesDirections(mapped)
    ? password
    : mapped.join("").normalize("NFKC");
}

// oxlint-disable-next-line no-control-regex -- the whole of ASCII is meant
const ascii = /^[\u0000-\u007f]*$/u;

/** Table C.1.2. */
const spaces = /^[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]$/u;

/** Table B.1, without what is a space already. */
// oxlint-disable-next-line no-misleading-character-class -- single characters are meant
const nothing = /^[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]$/u;

/** Table D.1: letters written from right to left. */
const rightToLeft = oneOf(
  String.raw`\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4`,
  String.raw`\u061b\u061f\u0621-\u063a\u0640-\u064a\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe`,
  String.raw`\u0700-\u070d\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f`,
  String.raw`\ufb1d\ufb1f-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46-\ufbb1`,
  String.raw`\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufe74\ufe76-\ufefc`,
);

/** What has no direction but normalises to letters that have one: they are judged as written. */
const neutral = /^[\u20a8\u2100\u2101\u2103\u2105\u2106\u2109\u2116\u2120-\u2122\u2e9f\u2ef3\u2f00-\u2fd5]$/u;

/** Of table D.2 (left to right), what normalises to something that is not. */
const leftToRight = oneOf(
  String.raw`\u037a\u2135-\u2138\uff9e\uff9f`,
  String.raw`\u{1d6c1}\u{1d6db}\u{1d6fb}\u{1d715}\u{1d735}\u{1d74f}\u{1d76f}\u{1d789}\u{1d7a9}\u{1d7c3}`,
);

/** Matches one character of these ranges. */
function oneOf(...ranges: readonly string[]): RegExp {
  return new RegExp(`^[${ranges.join("")}]$`, "u");
}

/**
 * What the library, which looks after normalising, lets through: two characters of table C.8, and the ranges of
 * table A.1 (unassigned in Unicode 3.2) that later got characters with a compatibility decomposition.
 */
const normalisedAway: readonly (readonly [number, number])[] = [
  [0x0340, 0x0341],
  [0x03f7, 0x03ff],
  [0x10fc, 0x10ff],
  [0x18aa, 0x1dff],
  [0x208f, 0x209f],
  [0x213b, 0x213c],
  [0x214c, 0x2152],
  [0x2184, 0x218f],
  [0x2b00, 0x2e7f],
  [0x321d, 0x321f],
  [0x3244, 0x3250],
  [0x327c, 0x327e],
  [0x32cc, 0x32cf],
  [0x32ff, 0x32ff],
  [0x3377, 0x337a],
  [0x33de, 0x33df],
  [0x33ff, 0x33ff],
  [0xa4c7, 0xabff],
  [0xfa2e, 0xfa2f],
  [0xfa6b, 0xfaff],
  [0xfe10, 0xfe1f],
  [0xfe47, 0xfe48],
  [0x1044e, 0x1cfff],
  [0x1d4c1, 0x1d4c1],
  [0x1d6a4, 0x1d6a7],
  [0x1d7ca, 0x1d7cd],
  [0x1d800, 0x1fffd],
];

function isRefused(character: string): boolean {
  const codePoint = character.codePointAt(0) ?? 0;
  return (
    normalisedAway.some(([first, last]) => codePoint >= first && codePoint <= last) ||
    /^(Prohibited|Unassigned)/.test(complaint(character))
  );
}

/** RFC 3454, section 6: with one right-to-left letter, the ends must be such letters, and none may be left-to-right. */
function mixesDirections(characters: readonly string[]): boolean {
  if (!characters.some((character) => rightToLeft.test(character))) {
    return false;
  }
  const ends = [characters.at(0) ?? "", characters.at(-1) ?? ""];
  return !ends.every((character) => rightToLeft.test(character)) || characters.some(isLeftToRight);
}

function isLeftToRight(character: string): boolean {
  return (
    leftToRight.test(character) ||
    (!neutral.test(character) && complaint(`\u05d0${character}\u05d0`).includes("at the same time"))
  );
}

/** What the library holds against a text; empty when nothing. */
function complaint(text: string): string {
  try {
    saslprep(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

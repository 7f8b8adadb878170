/** One way to write a secret, and how many characters of it in a row are enough to know it by. */
export interface Form {
  readonly text: string;
  readonly run: number;
}

/** A run of so many characters of an encoding is no accident. */
const RUN = 8;

/**
 * A secret as it may stand in what a program prints: in YAML, SQL, ini files, connection strings, JSON, URLs, HTML,
 * shell words, as base64, in hexadecimal or octal numbers.
 */
export function formsOf(value: string): readonly Form[] {
  // How a verifier begins says nothing: SCRAM-SHA-256$4096:
  const text = value.replace(/^SCRAM-SHA-256\$[0-9]+:/, "");
  if (text === "") return [];
  // Of eight characters, seven are as good as all.
  const plain = Math.min(RUN, Math.max(5, Math.ceil(text.length * 0.6)));
  const written = new Set([...escapedForms(text), ...text.split("\n").filter((line) => line.length >= RUN)]);
  const numbers = NUMBERS.map((write) => byBytes(text, /[^]/g, write)).filter((form) => form.length >= RUN);
  return [
    ...[...written].map((form) => ({ text: form, run: plain })),
    ...[...new Set([...written].flatMap(base64Of)), ...numbers].map((form) => ({ text: form, run: RUN })),
  ];
}

function escapedForms(text: string): readonly string[] {
  const backslashed = text.replaceAll("\\", "\\\\");
  const uri = encodeURIComponent(text);
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
    backslashed,
    backslashed.replaceAll("'", "''"),
    backslashed.replaceAll("'", "\\'"),
    backslashed.replaceAll('"', '\\"'),
    backslashed.replaceAll(":", "\\:"),
    text.replaceAll(/[^\p{L}\p{N}]/gu, String.raw`\$&`),
    text.replaceAll("'", `'\\''`),
    text.replaceAll("%", "%%"),
    uri,
    uri.replaceAll(/[!'()*~._-]/g, (mark) => `%${hex(mark.charCodeAt(0)).toUpperCase()}`),
    text.replaceAll(BEYOND_ASCII, (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
    byBytes(text, BEYOND_ASCII, (byte) => `\\x${hex(byte)}`),
    byBytes(text, BEYOND_ASCII, (byte) => `\\${octal(byte)}`),
    byBytes(text, BEYOND_ASCII, meta),
    byBytes(text, /[^\w]/g, (byte) => `\\x${hex(byte)}`),
    byBytes(text, /[^\w.~-]/g, (byte) => `%${hex(byte)}`),
    byBytes(text, /[^\w !-<>-~]/g, (byte) => `=${hex(byte).toUpperCase()}`),
    html(text, "&#x27;", "&quot;"),
    html(text, "&#39;", "&#34;"),
    html(text, "&apos;", "&quot;"),
    // UTF-8 that was taken for Latin-1.
    Buffer.from(text).toString("latin1"),
  ];
}

const BEYOND_ASCII = /[^\0-\x7f]/g;

function byBytes(text: string, which: RegExp, write: (byte: number) => string): string {
  return text.replaceAll(new RegExp(which.source, "gu"), (found) => [...Buffer.from(found)].map(write).join(""));
}

/** Each byte by its number. What stands between them besides is left out where texts are compared. */
const NUMBERS: readonly ((byte: number) => string)[] = [
  hex,
  octal,
  String,
  (byte) => `\\x${hex(byte)}`,
  (byte) => `0x${hex(byte)}`,
];

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function octal(byte: number): string {
  return byte.toString(8).padStart(3, "0");
}

/** As `cat -v` shows it. */
function meta(byte: number): string {
  const low = byte & 0x7f;
  if (low === 0x7f) return "M-^?";
  return low < 0x20 ? `M-^${String.fromCharCode(low + 0x40)}` : `M-${String.fromCharCode(low)}`;
}

function html(text: string, apostrophe: string, quote: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("'", apostrophe)
    .replaceAll('"', quote);
}

/** What does not depend on what stands before and after it, for each way it may lie in groups of three bytes. */
function base64Of(text: string): readonly string[] {
  return [0, 1, 2]
    .map((before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
      const whole = bytes.toString("base64").replaceAll("=", "");
      return whole.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1);
    })
    .filter((form) => form.length >= 4);
}

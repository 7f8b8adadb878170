/**
 * Text that came from a host or a manifest, made safe for a terminal: control characters (escape sequences above all)
 * become visible `\x1b`; line ends and tabs stay, a carriage return before a line end goes.
 */
export function printable(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(CONTROL, (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`);
}

// C0 without tab and line feed, DEL, C1, and the marks that turn the direction of text around.
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

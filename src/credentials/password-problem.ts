import type { Sensitive } from "./sensitive.ts";

const SHORTEST = 8;
/** PgBouncer's own limit is higher; nobody means more than this. */
const LONGEST = 512;

/**
 * What is wrong with a password that a person supplied, in words that follow "the password"; undefined when it will do.
 * Never quotes it. Templates leave their placeholders behind, and they stay for months (F90).
 */
export function passwordProblem(password: Sensitive, username: string): string | undefined {
  const text = password.reveal();
  if (text.trim() === "") {
    return "is empty";
  }
  if (/[\r\n]$/.test(text)) {
    return "ends with a line break, as `echo` leaves it (printf '%s' does not)";
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  if (/[\u0000-\u001f\u007f]/.test(text)) {
    return "holds a control character, which psql, a .pgpass file or PgBouncer cannot carry";
  }
  if (!text.isWellFormed() || text.includes("\ufffd")) {
    return "holds a character that got lost in an encoding";
  }
  if (isTemplate(text)) {
    return "is a template's placeholder";
  }
  if (text.toLowerCase() === username.toLowerCase()) {
    return "is the user name itself";
  }
  if (isPlaceholder(text)) {
    return "is a placeholder, or a word that everybody tries first";
  }
  if (Array.from(text).length < SHORTEST) {
    return `is shorter than ${SHORTEST} characters`;
  }
  return Buffer.byteLength(text) > LONGEST ? `is longer than ${LONGEST} bytes` : undefined;
}

/** `<password>`, `${PASSWORD}`, `$(cat pw)`, `{{ password }}`, `%PASSWORD%`, `[[x]]`, `__PASSWORD__`, `$PASSWORD`. */
function isTemplate(text: string): boolean {
  return [
    /^<[^<>]*>$/,
    /\$\{[^{}]*\}/,
    /^\$\(.*\)$/,
    /\{\{.*\}\}/,
    /^%[A-Za-z_]+%$/,
    /^\[\[?[^[\]]*\]\]?$/,
    /^__+[A-Za-z_]+__+$/,
    /^\$[A-Z_]+$/,
  ].some((shape) => shape.test(text.trim()));
}

/**
 * Only words that templates are made of, whatever joins them and whatever number follows; or one character again and
 * again.
 */
function isPlaceholder(text: string): boolean {
  if (
    /^(.)\1*$/u.test(text) ||
    /change.?(me|it|this)/i.test(text) ||
    /^(0?123456789?0?|12345678|abcd?1234|qwerty\w*|azerty\w*|letmein\w*)$/i.test(text)
  ) {
    return true;
  }
  const words = text
    .toLowerCase()
    .split(/[^a-z0-9@$]+/)
    .map((word) => word.replaceAll(/^\d+|\d+$/g, "").replaceAll(/[@$03]/g, (character) => leet[character] ?? character))
    .filter((word) => word !== "");
  return words.length > 0 && words.every((word) => templateWords.has(word) || /^x+$/.test(word));
}

const leet: Readonly<Record<string, string>> = { "@": "a", $: "s", "0": "o", "3": "e" };

const templateWords: ReadonlySet<string> = new Set(
  [
    "and be change changeme changeit changez database de db default dummy edit enter example fake fill " +
      "fixme foo bar foobar generate generated here in",
    "insert later me moi mot motdepasse my none not null of passe passphrase password passwd pass pw pwd " +
      "patroni pg placeholder please postgres",
    "postgresql put random redacted replace replaceme replicator root role admin administrator same sample " +
      "secret secure set some something strong",
    "supersecret tbd temp temporary test testing tester the this todo undefined user username value " +
      "verysecret with xxx your yourpassword",
  ].flatMap((line) => line.split(" ")),
);

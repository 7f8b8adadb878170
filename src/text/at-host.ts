/**
 * What is the case on a host, and the way out, with the host's name said once: first of all, unless the text begins
 * with it. `NAME (ADDRESS)`, as connections are called, is the address then; "on NAME" is "there".
 */
export function atHost(host: string | undefined, text: string, wayOut?: string): string {
  const rest = wayOut === undefined || wayOut === "" ? "" : `. ${wayOut}`;
  if (host === undefined) return `${text}${rest}`;
  const short = withoutParentheses(text, host);
  const words = there(`${short}${rest}`, host);
  return short.search(wordOf(host)) === 0 ? words : `${host}: ${words}`;
}

/** A way out that stands on a line of its own, below what names the host. */
export function wayOutAt(host: string | undefined, wayOut: string): string {
  return host === undefined ? wayOut : there(wayOut, host);
}

/** Whether a text names a host: `db-1` is not named by `db-10`, nor by `db-1.example.org`. */
export function namesHost(text: string, host: string): boolean {
  return wordOf(host).test(text);
}

function withoutParentheses(text: string, host: string): string {
  return text.replaceAll(new RegExp(`${BEFORE}${escaped(host)} \\(([^()]+)\\)`, "g"), "$1");
}

/** A name within a command stays: none of these words stands before one there. */
function there(text: string, host: string): string {
  return text
    .replaceAll(new RegExp(`\\b([Oo])n ${escaped(host)}${AFTER}`, "g"), (_, first) =>
      first === "O" ? "There" : "there",
    )
    .replaceAll(new RegExp(`\\b(of|from|to|with) ${escaped(host)}${AFTER}`, "g"), "$1 it");
}

const BEFORE = String.raw`(?<![\w.=/-])`;
const AFTER = String.raw`(?![\w=-]|\.\w)`;

function wordOf(host: string): RegExp {
  return new RegExp(`${BEFORE}${escaped(host)}${AFTER}`);
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w-]/g, String.raw`\$&`);
}

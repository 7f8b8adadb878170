import { readFileSync } from "node:fs";

const TEXT = String.raw`(?:"(?:[^"\\\n]|\\.)*"|${"`"}(?:[^${"`"}\\]|\\.)*${"`"})`;
const PIECES = new RegExp(String.raw`(?<![\w\])])${TEXT}(?:\s*\+\s*${TEXT})+`, "g");

/** A source of ours, with texts that go on over several lines (`"a " + "b"`) in one piece, as people see them. */
export function readSource(path: string): string {
  return readFileSync(path, "utf8").replaceAll(PIECES, (pieces) => {
    const texts = [...pieces.matchAll(new RegExp(TEXT, "g"))].map(([text]) => text);
    const quote = texts.some((text) => text.startsWith("`")) ? "`" : '"';
    return `${quote}${texts.map((text) => text.slice(1, -1)).join("")}${quote}`;
  });
}

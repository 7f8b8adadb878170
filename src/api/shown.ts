import { printable } from "../text/printable.ts";

const LONGEST = 70;

/** A value as a message shows it: JSON on one line, cut when long, harmless on a terminal, and never a private key. */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    return value.includes("PRIVATE KEY") ? "a private key" : cut(JSON.stringify(value));
  }
  if (typeof value === "number" || typeof value === "boolean" || value === null) {
    return String(value);
  }
  return article(value);
}

/** The type of a value in words, with its article. */
export function article(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a number with a fraction";
  return typeof value === "boolean" ? "a boolean" : "a map";
}

/** A name that a person gave, for use inside a message or a path: as it is when harmless, else as JSON. */
export function shownName(name: string): string {
  return /^[A-Za-z0-9_-]{1,253}$/.test(name) ? name : cut(JSON.stringify(name));
}

function cut(text: string): string {
  const characters = Array.from(printable(text));
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join("")}...` : characters.join("");
}

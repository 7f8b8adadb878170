import { isIP } from "node:net";
import { covers } from "./address.ts";
import type { HbaField } from "./fields.ts";
import type { HbaLine } from "./line.ts";

type Whom = Pick<HbaLine, "type" | "databases" | "users" | "address">;

/** Whether each connection that `inner` is for is one that `outer` is for. */
export function coversLine(outer: Whom, inner: Whom): boolean {
  return (
    coversType(outer.type, inner.type) &&
    coversWords(outer.databases, inner.databases, ["replication"]) &&
    coversWords(outer.users, inner.users, []) &&
    (outer.address === undefined || (inner.address !== undefined && covers(outer.address, inner.address)))
  );
}

/** Whether some connection may be one of both. Groups, expressions and names are not known from here: then it may. */
export function overlapsLine(one: Whom, other: Whom): boolean {
  return (
    !excludesType(one.type, other.type) &&
    overlapsDatabases(one.databases, other.databases) &&
    overlapsWords(one.users, other.users) &&
    overlapsAddress(one, other)
  );
}

function coversType(outer: Whom["type"], inner: Whom["type"]): boolean {
  if (outer === inner) return true;
  if (outer === "host") return inner !== "local";
  // Whoever is encrypted by the one is not by the other.
  return (outer === "hostnossl" && inner === "hostgssenc") || (outer === "hostnogssenc" && inner === "hostssl");
}

function excludesType(one: Whom["type"], other: Whom["type"]): boolean {
  const pair = new Set([one, other]);
  if (pair.size === 1) return false;
  const has = (...types: readonly Whom["type"][]): boolean => types.every((type) => pair.has(type));
  return (
    pair.has("local") ||
    has("hostssl", "hostnossl") ||
    has("hostgssenc", "hostnogssenc") ||
    has("hostssl", "hostgssenc")
  );
}

/** `all` has all words but those of `beside`. */
function coversWords(outer: HbaField, inner: HbaField, beside: readonly string[]): boolean {
  const isAll = outer.some(isKeyword("all"));
  return inner.every((word) =>
    isAll && (word.quoted || !beside.includes(word.text))
      ? true
      : outer.some(({ text, quoted }) => text === word.text && quoted === word.quoted),
  );
}

/** Replication is no database, and no other word means it. */
function overlapsDatabases(one: HbaField, other: HbaField): boolean {
  const isReplication = isKeyword("replication");
  const others = (field: HbaField): HbaField => field.filter((word) => !isReplication(word));
  return (one.some(isReplication) && other.some(isReplication)) || overlapsWords(others(one), others(other));
}

function overlapsWords(one: HbaField, other: HbaField): boolean {
  return one.some((word) =>
    other.some((candidate) => isOpen(word) || isOpen(candidate) || word.text === candidate.text),
  );
}

/** A word that may mean several, or one that is not known from here. */
function isOpen({ text, quoted }: HbaField[number]): boolean {
  return text.startsWith("/") || (!quoted && (/^[+@]/.test(text) || OPEN.has(text)));
}

const OPEN: ReadonlySet<string> = new Set(["all", "sameuser", "samerole", "samegroup"]);

function isKeyword(keyword: string): (word: HbaField[number]) => boolean {
  return ({ text, quoted }) => text === keyword && !quoted;
}

function overlapsAddress({ address: one }: Whom, { address: other }: Whom): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.kind !== "network" || other.kind !== "network") return true;
  return isIP(one.address) === isIP(other.address) && (covers(one, other) || covers(other, one));
}

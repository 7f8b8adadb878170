import type { WalPosition } from "../facts/types.ts";
import type { FactsOf, MemberFacts, MembersWish } from "./member-facts.ts";

/** A member whose copy of the data is of no use any more, and that does not come right by itself. */
export interface BrokenMember {
  readonly name: string;
  /** What is seen of it, in words that go on from its name. */
  readonly what: string;
  /** Which copy that is. */
  readonly copy: string | undefined;
  /** Why nobody but a person may give that copy up, in words that go on from its name; undefined where others may. */
  readonly whyKept: string | undefined;
}

/** Patroni's words for a PostgreSQL that it could not start, or that ended by itself. */
const DOES_NOT_START = /^(start failed|restart failed|crashed)$/;

/**
 * Members that a leader has to do without until they are copied anew: their PostgreSQL does not start, or what they
 * hold left the leader's history, which Patroni's pg_rewind did not mend. Only what is proven counts: one that merely
 * does not stream may be about to.
 */
export function brokenMembers(wish: MembersWish, facts: FactsOf, leader: string): readonly BrokenMember[] {
  const leading = facts(leader);
  if (leading?.sql === undefined || leading.sql.inRecovery) return [];
  const streaming = new Set(leading.sql.replication.map(({ name }) => name));
  return wish.members.flatMap(({ name }): readonly BrokenMember[] => {
    const seen = facts(name);
    if (name === leader || seen === undefined || streaming.has(name)) return [];
    const what = brokenness(seen, leading, leader);
    return what === undefined
      ? []
      : [{ name, what, copy: seen.dataDirectory.copy, whyKept: whyKept(wish, seen, leading, leader) }];
  });
}

function brokenness({ patroni, dataDirectory }: MemberFacts, leading: MemberFacts, leader: string): string | undefined {
  const { member } = patroni;
  if (member === undefined || member.role === "primary") return undefined;
  if (DOES_NOT_START.test(member.state)) return `has a PostgreSQL that does not start (${member.state})`;
  // Patroni stops it to rewind it.
  if (member.state !== "running" || dataDirectory.end === undefined) return undefined;
  return leftHistory(dataDirectory.end, leading, leader);
}

/** As Patroni judges it before it rewinds: https://www.postgresql.org/docs/current/app-pgrewind.html */
function leftHistory({ timeline, bytes }: WalPosition, leading: MemberFacts, leader: string): string | undefined {
  const { timeline: now, writtenBytes } = leading.patroni.member ?? {};
  if (now === undefined) return undefined;
  const ends = `goes to ${inWords(bytes)} on timeline ${timeline}`;
  if (timeline > now) return `${ends}, and ${leader} is on timeline ${now}`;
  if (timeline === now)
    return writtenBytes === undefined || bytes <= writtenBytes
      ? undefined
      : `${ends}, which ${leader} has written to ${inWords(writtenBytes)} only`;
  const { history } = leading.dataDirectory;
  if (history === undefined) return undefined;
  const left = history.find((one) => one.timeline === timeline);
  if (left === undefined) return `${ends}, which ${leader} was never on`;
  return bytes <= left.bytes ? undefined : `${ends}, which ${leader} left at ${inWords(left.bytes)}`;
}

function whyKept(
  { systemId }: MembersWish,
  { dataDirectory, patroni }: MemberFacts,
  leading: MemberFacts,
  leader: string,
): string | undefined {
  const own = dataDirectory.systemId ?? patroni.member?.systemId;
  const theirs = leading.patroni.member?.systemId ?? leading.dataDirectory.systemId;
  if (systemId === undefined || own === undefined || dataDirectory.copy === undefined)
    return "does not say whose data it holds";
  if (own !== systemId || theirs !== systemId) return "holds the data of another cluster than its leader";
  const [furthest, now] = [
    Math.max(dataDirectory.timeline ?? 0, dataDirectory.end?.timeline ?? 0),
    leading.patroni.member?.timeline,
  ];
  if (now === undefined) return `may hold what ${leader} does not, whose timeline is not known`;
  return furthest > now
    ? `is on timeline ${furthest}, which is newer than that of ${leader} (${now}): it may hold what nobody else does`
    : undefined;
}

/** 3/A0000028, as PostgreSQL writes it. */
function inWords(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 32)
    .toString(16)
    .toUpperCase()}/${(bytes % 2 ** 32).toString(16).toUpperCase()}`;
}

import type { DataDirectoryFact, WalPosition } from "../facts/types.ts";
import type { FactsOf, MemberFacts, MembersWish } from "./member-facts.ts";

/** A member whose copy of the data is of no use any more, and that does not come right by itself. */
export interface BrokenMember {
  readonly name: string;
  /** What is seen of it, in words that go on from its name. */
  readonly what: string;
  /** Which copy that is. */
  readonly copy: string | undefined;
  /** Its PostgreSQL does not start, which Patroni tries again each round. */
  readonly triedAgain: boolean;
  /** Why nobody but a person may give that copy up, in words that go on from its name; undefined where others may. */
  readonly whyKept: string | undefined;
}

/**
 * Patroni's words for a PostgreSQL that it could not start. `crashed` is one that ended, which it is about to start,
 * has recover, or rewinds: all the while, whatever that takes.
 */
const DOES_NOT_START = /^(start failed|restart failed)/;

/** Whether Patroni could not start PostgreSQL there when it tried last. */
export function doesNotStart({ member }: MemberFacts["patroni"]): boolean {
  return member !== undefined && DOES_NOT_START.test(member.state);
}

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
      : [
          {
            name,
            what,
            copy: seen.dataDirectory.copy,
            triedAgain: doesNotStart(seen.patroni),
            whyKept: whyKept(wish, seen, leading, leader),
          },
        ];
  });
}

function brokenness({ patroni, dataDirectory }: MemberFacts, leading: MemberFacts, leader: string): string | undefined {
  const { member } = patroni;
  if (member === undefined || member.role === "primary") return undefined;
  if (doesNotStart(patroni)) return `has a PostgreSQL that does not start (${member.state})`;
  // Patroni stops it to rewind it. What waits for WAL of another history never comes so far as to run.
  if (member.state !== "running" && member.state !== "starting") return undefined;
  for (const place of placesIn(dataDirectory)) {
    const left = leftHistory(place, leading, leader);
    if (left !== undefined) return left;
  }
  return undefined;
}

/** Where it was for certain: how far it goes, and the last checkpoint on the way there. */
function placesIn({ end, checkpoint }: DataDirectoryFact): readonly WalPosition[] {
  return [end, checkpoint].filter((place) => place !== undefined);
}

/**
 * As Patroni judges it before it rewinds (https://www.postgresql.org/docs/current/app-pgrewind.html), and one thing
 * that it does not: two that were promoted without hearing of each other give their timelines the same number.
 */
function leftHistory({ timeline, bytes }: WalPosition, leading: MemberFacts, leader: string): string | undefined {
  const { timeline: now, writtenBytes } = leading.patroni.member ?? {};
  if (now === undefined) return undefined;
  const ends = `goes to ${inWords(bytes)} on timeline ${timeline}`;
  if (timeline > now) return `${ends}, and ${leader} is on timeline ${now}`;
  const history = leading.dataDirectory.history ?? [];
  const before = history.findLast((one) => one.timeline < timeline);
  if (before !== undefined && bytes < before.bytes && (timeline === now || history.some(isOf(timeline))))
    return `${ends}, which that of ${leader} began at ${inWords(before.bytes)} only: it is another of the same number`;
  if (timeline === now)
    return writtenBytes === undefined || bytes <= writtenBytes
      ? undefined
      : `${ends}, which ${leader} has written to ${inWords(writtenBytes)} only`;
  if (history.length === 0) return undefined;
  const left = history.find(isOf(timeline));
  if (left === undefined) return `${ends}, which ${leader} was never on`;
  return bytes <= left.bytes ? undefined : `${ends}, which ${leader} left at ${inWords(left.bytes)}`;
}

function isOf(timeline: number): (one: WalPosition) => boolean {
  return (one) => one.timeline === timeline;
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
  if (furthest > now)
    return (
      `is on timeline ${furthest}, which is newer than that of ${leader} (${now}): ` +
      "it may hold what nobody else does"
    );
  // No failover gave up what it has there.
  return placesIn(dataDirectory).some((one) => one.timeline === now && leftHistory(one, leading, leader) !== undefined)
    ? `left ${leader} on the timeline that it is on: it may hold what nobody else does`
    : undefined;
}

/** 3/A0000028, as PostgreSQL writes it. */
function inWords(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 32)
    .toString(16)
    .toUpperCase()}/${(bytes % 2 ** 32).toString(16).toUpperCase()}`;
}

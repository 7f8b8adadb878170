import { list } from "../../text/words.ts";
import { size } from "../../text/size.ts";
import { votersInWords } from "../voters.ts";
import type { Voters } from "../voters.ts";
import { afterTurn, caughtUp, isNeeded, tooLow, turnOf } from "./restart-order.ts";
import type { RestartIntent, RestartMember, Turn } from "./restart-order.ts";

/** All that a restart of members goes by, as it is seen now. */
export interface RestartSeen {
  readonly members: readonly SeenMember[];
  /** Whom the DCS counts; undefined while no member says. */
  readonly voters: Voters | undefined;
  /** Members whose vote is not heard by the others, though nobody else may be missing. */
  readonly unheard: readonly string[];
  readonly isPaused: boolean;
  /** How far behind a replica may be and still take over. */
  readonly maximumLagBytes: number;
  /** Who could take the lead over now, the best first. */
  readonly candidates: readonly string[];
}

export interface SeenMember extends RestartMember {
  /** up: it leads, or streams. coming: it is on its way there. away: somebody has to do something about it. */
  readonly state: "up" | "coming" | "away";
  /** What it does instead of being up, in words. */
  readonly stateWords: string;
  /** How far it is behind the leader; undefined where that is not known. */
  readonly lagBytes: number | undefined;
}

/** What comes next of a restart, by what is seen and by nothing else: so whoever goes on with it needs no memory. */
export type Next =
  | { readonly kind: "steps"; readonly turn: Turn }
  | { readonly kind: "wait"; readonly member: string; readonly for: string }
  | { readonly kind: "refused"; readonly member: string; readonly why: string; readonly wayOut: string }
  | { readonly kind: "done" };

/** The next transition. `isToBeSet`: settings are still to be given to Patroni before, so no member has read them. */
export function nextRestart(seen: RestartSeen, intent: RestartIntent, isToBeSet = false): Next {
  const open = seen.members.filter((member) => isNeeded(member, intent));
  const [first] = open;
  if (first === undefined) return { kind: "done" };
  const leader = seen.members.find(({ leads }) => leads);
  if (leader === undefined)
    return { kind: "wait", member: first.name, for: "a leader, without whom no member restarts" };
  const without = open.find(({ isToCome }) => isToCome === true);
  if (without !== undefined) return { kind: "wait", member: without.name, for: "the image to be there" };
  const turn = turnOf(seen.members, intent, seen.candidates);
  const held = inTheWay(seen, turn ?? { member: first, settings: [] }, isToBeSet);
  if (held !== undefined) return held;
  return turn === undefined ? whyNobody(seen.members, intent, leader, first) : { kind: "steps", turn };
}

/** All turns to come, in their order, should everything go well. Ends: each turn takes something away. */
export function foreseen(seen: RestartSeen, intent: RestartIntent): readonly Turn[] {
  const turns: Turn[] = [];
  let members: readonly RestartMember[] = seen.members;
  while (turns.length < 3 * seen.members.length) {
    if (turnOf(members, intent) === undefined) members = caughtUp(members);
    const turn = turnOf(members, intent, seen.candidates);
    if (turn === undefined) return turns;
    turns.push(turn);
    members = afterTurn(members, turn);
  }
  return turns;
}

/** Somebody has to restart and none may: it is replayed still, or it takes another member that was not asked for. */
function whyNobody(members: readonly SeenMember[], intent: RestartIntent, leader: SeenMember, first: SeenMember): Next {
  if (turnOf(caughtUp(members), intent) !== undefined)
    return {
      kind: "wait",
      member: first.name,
      for:
        `${first.name} to replay with which settings ${leader.name} runs now: before, it would start ` +
        "with the old ones",
    };
  const low = tooLow(leader, members).map(({ name }) => name);
  const wayOut = "Restart them in order: pgha restart --pending";
  return first.leads && low.length > 0
    ? {
        kind: "refused",
        member: leader.name,
        why: `with less than the leader is to get (${settingsOf(leader)}), ${list(low)} would stop replaying, or stop`,
        wayOut,
      }
    : {
        kind: "refused",
        member: first.name,
        why:
          `a restart brings nothing before ${leader.name}, which leads, was restarted: a replica starts ` +
          `with at least what the leader has (${settingsOf(first)})`,
        wayOut,
      };
}

function settingsOf({ pending }: RestartMember): string {
  return pending.map(({ words }) => words).join(", ");
}

/** Whether this one may be away for a moment. First what only a person changes, then what comes by itself. */
function inTheWay(
  seen: RestartSeen,
  { member, settings }: Pick<Turn, "member" | "settings">,
  isToBeSet: boolean,
): Next | undefined {
  const own = seen.members.find(({ name }) => name === member.name);
  const others = seen.members.filter(({ name }) => name !== member.name);
  const refused = (why: string, wayOut: string): Next => ({ kind: "refused", member: member.name, why, wayOut });
  const wait = (what: string): Next => ({ kind: "wait", member: member.name, for: what });
  if (seen.isPaused)
    return refused(
      "Patroni is paused: a PostgreSQL that does not come back would stay down",
      "End the maintenance first.",
    );
  const away = others.filter(({ state }) => state === "away");
  if (away.length > 0)
    return refused(
      `${away.map(({ name, stateWords }) => `${name} ${stateWords}`).join(", ")}: ${withoutIt(seen, member)}`,
      `Bring ${list(away.map(({ name }) => name))} back first; then it goes on by itself.`,
    );
  // Its own start is not one more that is away: Patroni tries it again and again, and goes on by itself once it can.
  const coming = seen.members.find(({ state }) => state !== "up");
  if (coming !== undefined) return wait(`${coming.name} to be back: it ${coming.stateWords}`);
  if (others.length > 0) {
    if (seen.voters === undefined) return wait("a member to say whose votes count");
    // Its Patroni was restarted just now, and streams before the others hear its vote.
    const [unheard] = seen.unheard;
    if (unheard !== undefined) return wait(`the vote of ${unheard} to be heard by the others`);
    if (seen.voters.mayFail < 1)
      return refused(votersInWords(seen.voters), "Bring the voters back that are away; then it goes on by itself.");
  }
  const behind = others.find(({ leads, lagBytes }) => !leads && !((lagBytes ?? Infinity) <= seen.maximumLagBytes));
  if (behind !== undefined)
    return wait(
      `${behind.name} to catch up: it is ` +
        `${behind.lagBytes === undefined ? "nobody knows how far" : size(behind.lagBytes)} behind, and at ` +
        `most ${size(seen.maximumLagBytes)} may be lost should the leader be`,
    );
  const unread = isToBeSet ? [] : settings.filter(({ isRead }) => !isRead);
  if (unread.length > 0)
    return wait(`Patroni on ${member.name} to read what is new: ${unread.map(({ words }) => words).join(", ")}`);
  return own?.postmaster === undefined ? wait(`PostgreSQL on ${member.name} to run`) : undefined;
}

/** "with db-1 restarted besides, 1 of 3 members would serve, and a majority is 2" */
function withoutIt({ members }: RestartSeen, { name }: RestartMember): string {
  const left = members.filter((member) => member.name !== name && member.state === "up").length;
  const majority = Math.floor(members.length / 2) + 1;
  return left < majority
    ? `with ${name} restarted besides, ${left} of ${members.length} members would serve, and a majority is ${majority}`
    : `one member at a time is away, and ${name} would be another`;
}

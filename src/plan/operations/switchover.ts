import { list } from "../../text/words.ts";

/** What somebody wants of a switchover. */
export interface SwitchoverIntent {
  /** Who led when it was decided. */
  readonly from: string;
  /** Who is to lead; left out, whoever is best. */
  readonly to?: string;
  /** Transactions that do not end are cut, and clients of a proxy host that is away. */
  readonly force?: boolean;
}

/** All that a switchover goes by, as it is seen now. */
export interface SwitchoverSeen {
  readonly leader: string | undefined;
  readonly members: readonly SwitchoverMember[];
  /** Why none can be, whoever it is to: Patroni is paused, or nobody decides. */
  readonly hindrance: string | undefined;
  readonly ways: readonly Way[];
}

export interface SwitchoverMember {
  readonly name: string;
  /** Why it may not lead now, in words that go on from its name. */
  readonly whyNot: string | undefined;
  /** It is on its way to where it may. */
  readonly isComing: boolean;
  /** It is a replica that serves. */
  readonly isReader: boolean;
  readonly isSynchronous: boolean;
  readonly lagBytes: number;
  readonly priority: number;
}

/** A service on a host that leads clients to the cluster. */
export interface Way {
  /** Of a pool, `Kind/name`. */
  readonly resource: string;
  readonly host: string;
  /** held: a person stopped it. */
  readonly state: "serving" | "stopped" | "held" | "unseen";
  /** A PgBouncer, and whether its clients can be made to wait: with a pool by session, not before they leave. */
  readonly pooler?: {
    readonly port: number;
    readonly waits: boolean;
    /** The process before it serves whom it had, in words until when, and cannot make them wait. */
    readonly drains?: { readonly words: string; readonly seconds: number };
  };
  /** A HAProxy, and how long readers there may take to leave a member; 0: they are not asked to. */
  readonly proxy?: true;
  readonly drainSeconds?: number;
  /** How a client writes from there, behind the pooler. */
  readonly write?: WritePath;
}

export interface WritePath {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly role: string;
  readonly database: string;
}

export type NextSwitchover =
  | { readonly kind: "step"; readonly from: string; readonly to: string }
  | { readonly kind: "wait"; readonly for: string; readonly seconds?: number }
  | { readonly kind: "refused"; readonly why: string; readonly wayOut: string }
  | { readonly kind: "done" };

/** The next transition, by what is seen and by nothing else. */
export function nextSwitchover(seen: SwitchoverSeen, intent: SwitchoverIntent): NextSwitchover {
  const { leader, members, hindrance, ways } = seen;
  if (leader === undefined) return { kind: "wait", for: "a leader, without whom nobody can be switched over from" };
  if (isSwitched(intent, leader)) return { kind: "done" };
  const { to, force = false } = intent;
  if (hindrance !== undefined) return refused(hindrance, "Mend that first; then it goes on by itself.");
  const named = members.find(({ name }) => name === to);
  if (to !== undefined && named === undefined)
    return refused(`${to} is no member of the cluster`, `Name one of ${list(members.map(({ name }) => name))}.`);
  const candidate = named ?? bestFirst(members, leader)[0];
  if (candidate === undefined || candidate.whyNot !== undefined) {
    const asked = candidate === undefined ? members.filter(({ name }) => name !== leader) : [candidate];
    const coming = asked.find(({ isComing }) => isComing);
    if (coming !== undefined)
      return { kind: "wait", for: `${coming.name} to be able to lead: it ${coming.whyNot ?? ""}` };
    return refused(
      asked.length === 0 ? "there is no other member" : asked.map(({ name, whyNot }) => `${name} ${whyNot}`).join(", "),
      named === undefined ? "Bring a replica back that may lead." : "Name another with --to, or leave it to pgha.",
    );
  }
  const held = ways.find(({ state }) => state === "held");
  if (held !== undefined)
    return refused(
      `${held.host} has its ${held.resource} held by somebody, who may be in the middle of something`,
      "It is printed how that ends, where it is named PoolerHeld or ProxyHeld.",
    );
  const unseen = ways.filter(({ state }) => state === "unseen").map(({ host }) => host);
  if (unseen.length > 0 && !force)
    return refused(
      `${list([...new Set(unseen)])} cannot be looked at: clients there would not wait, but fail`,
      "Bring it back first; or, if nobody comes that way: pgha switchover --force",
    );
  const draining = formerPooler(ways);
  if (draining !== undefined && !force) return { kind: "wait", ...draining };
  return { kind: "step", from: leader, to: candidate.name };
}

/** A PgBouncer that would have to make its clients wait, and cannot any more: it ends soon. */
export function formerPooler(ways: readonly Way[]): { readonly for: string; readonly seconds: number } | undefined {
  const found = ways.flatMap(({ host, pooler: { drains } = {} }) =>
    drains === undefined ? [] : [{ host, ...drains }],
  );
  return found.map(({ host, words, seconds }) => ({
    for: `the PgBouncer before on ${host} to end, which ${words} and cannot make them wait`,
    seconds,
  }))[0];
}

/** Those whose clients come through: the others have none, or none that could be told to wait. */
export function servingWays(ways: readonly Way[]): readonly Way[] {
  return ways.filter(({ state }) => state === "serving");
}

/** Whether what was wanted has come about, whoever brought it about. */
export function isSwitched({ from, to }: SwitchoverIntent, leader: string): boolean {
  return to === undefined ? leader !== from : leader === to;
}

/** Who may lead: who loses nothing, then who is least behind, then who is preferred; of equals the first. */
export function bestFirst(members: readonly SwitchoverMember[], leader: string): readonly SwitchoverMember[] {
  return members
    .filter(({ name, whyNot }) => name !== leader && whyNot === undefined)
    .toSorted(
      (one, other) =>
        Number(other.isSynchronous) - Number(one.isSynchronous) ||
        one.lagBytes - other.lagBytes ||
        other.priority - one.priority,
    );
}

function refused(why: string, wayOut: string): NextSwitchover {
  return { kind: "refused", why, wayOut };
}

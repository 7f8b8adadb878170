import type { PackageUpgrade } from "../../changes/upgrade-packages.ts";

/**
 * Of these a standby must have at least what the leader has:
 * https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
 */
export const SHARED_SETTINGS: readonly string[] = [
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_wal_senders",
  "max_worker_processes",
];

/** A member of a cluster as its restart is thought about. */
export interface RestartMember {
  readonly name: string;
  readonly leads: boolean;
  /** Settings that a restart is to bring into force. */
  readonly pending: readonly PendingSetting[];
  /** What it runs with of SHARED_SETTINGS. */
  readonly shared: Readonly<Record<string, SharedValue>>;
  /** Which program runs although a newer one is installed, in words; undefined where the newest one runs. */
  readonly older: string | undefined;
  /** How its Patroni is older than what it would be started from, in words: it restarts as a whole then. */
  readonly olderService: string | undefined;
  /** What its Patroni is to run from is not on its host yet: before it is, a restart brings nothing. */
  readonly isToCome?: boolean;
  /** Packages that are to be newer before it restarts: what runs is not from them, so something is older. */
  readonly upgrades?: readonly PackageUpgrade[];
  /** Which process of PostgreSQL runs: another text is another process. Undefined where none is known. */
  readonly postmaster: string | undefined;
  /** Whether its PostgreSQL told what it runs with. */
  readonly isKnown: boolean;
}

export interface PendingSetting {
  readonly name: string;
  /** Undefined for one that is taken out. */
  readonly wanted: string | undefined;
  /** `max_connections (100, to be 200)`. */
  readonly words: string;
  /** Whether the member knows of it, so that a restart now would bring it. */
  readonly isRead: boolean;
}

export interface SharedValue {
  readonly running: number;
  /** What the control file makes a standby start with at least: what its leader had, as far as it was replayed. */
  readonly atLeast: number;
}

/**
 * Whom a restart is meant for, by name. `asked`: the process that is to go, whatever else. Else only what is pending
 * counts.
 */
export type RestartIntent = Readonly<Record<string, { readonly asked?: string | undefined }>>;

/** Whose turn it is, and what a restart would bring there now. */
export interface Turn {
  readonly member: RestartMember;
  /** Of who leads: who takes the lead over, for it to come back as a replica. Left out, it restarts in place. */
  readonly to?: string;
  /** Why, in words. */
  readonly because: readonly string[];
  readonly settings: readonly PendingSetting[];
}

/** Whether an intent has something to do on a member still, or may have. */
export function isNeeded(member: RestartMember, intent: RestartIntent): boolean {
  return member.name in intent && (!member.isKnown || isAsked(member, intent) || isPending(member));
}

export function isPending({ pending, older, olderService }: RestartMember): boolean {
  return pending.length > 0 || older !== undefined || olderService !== undefined;
}

/**
 * Standbys before the leader, each as soon as a restart brings something: so a new setting is tried where nobody
 * writes, and a raised one is on every standby before the leader has it. What is lowered a standby gets only once the
 * leader runs with it and that was replayed; until then it would start with the old value. So then the leader goes
 * first.
 */
export function turnOf(
  members: readonly RestartMember[],
  intent: RestartIntent,
  candidates: readonly string[] = [],
): Turn | undefined {
  const leader = members.find(({ leads }) => leads);
  const comesLeader = leader !== undefined && isNeeded(leader, intent);
  const turns = members
    .filter((member) => isNeeded(member, intent))
    .map((member) => gainsOf(member, intent, { leader, comesLeader }))
    .filter(({ because }) => because.length > 0);
  const turn =
    turns.find(({ member }) => !member.leads) ?? turns.find(({ member }) => tooLow(member, members).length === 0);
  if (turn?.member.leads !== true) return turn;
  const to = candidates.find((name) => mayFollow(name, members, intent));
  return to === undefined ? turn : { ...turn, to };
}

/** Who waits for nothing itself, and would not have more than who replicates from it then. */
function mayFollow(name: string, members: readonly RestartMember[], intent: RestartIntent): boolean {
  const member = members.find((one) => one.name === name);
  return (
    member !== undefined && !isPending(member) && !isNeeded(member, intent) && wouldStop(member, members).length === 0
  );
}

/** Members that would stop replaying, or stop, if this one led with what it runs with; who leads as it comes back. */
export function wouldStop(leader: RestartMember, members: readonly RestartMember[]): readonly RestartMember[] {
  const standbys = members.map((member) => (member.leads ? asStandby(member) : member));
  return standbys.filter(
    ({ name, shared }) =>
      name !== leader.name &&
      Object.entries(leader.shared).some(([setting, { running }]) => (shared[setting]?.running ?? Infinity) < running),
  );
}

/** Standbys that would stop replaying, or stop, once the leader runs with what it is to get. */
export function tooLow(leader: RestartMember, members: readonly RestartMember[]): readonly RestartMember[] {
  const raised = leader.pending.filter(({ name }) => name in leader.shared);
  return members.filter(
    (member) =>
      member !== leader &&
      raised.some(({ name, wanted }) => (member.shared[name]?.running ?? -Infinity) < Number(wanted)),
  );
}

/** The same members once this turn is over: what is foreseen, and what a look will have to show. */
export function afterTurn(members: readonly RestartMember[], { member, settings, to }: Turn): readonly RestartMember[] {
  const leads = member.leads && to === undefined;
  const done: RestartMember = {
    ...member,
    leads,
    pending: member.pending.filter((setting) => !settings.includes(setting)),
    shared: withRestarted({ ...member, leads }),
    // Who only gave the lead away has the packages still that it had, and the Patroni.
    older: to === undefined || (member.upgrades ?? []).length === 0 ? undefined : member.older,
    olderService: to === undefined ? undefined : member.olderService,
    upgrades: to === undefined ? [] : (member.upgrades ?? []),
    postmaster: `${member.postmaster ?? ""} and another`,
  };
  const all = members.map((other) => (other === member ? done : other.name === to ? { ...other, leads: true } : other));
  return member.leads ? caughtUp(all) : all;
}

/** Who leads, once it gave that away and came back as a standby. */
function asStandby(leader: RestartMember): RestartMember {
  return { ...leader, leads: false, shared: withRestarted({ ...leader, leads: false }) };
}

/** The same members once every standby replayed with which settings its leader runs. */
export function caughtUp(members: readonly RestartMember[]): readonly RestartMember[] {
  const leader = members.find(({ leads }) => leads);
  if (leader === undefined) return members;
  return members.map((member) =>
    member.leads
      ? member
      : {
          ...member,
          shared: mapValues(member.shared, ({ running }, name) => ({
            running,
            atLeast: leader.shared[name]?.running ?? running,
          })),
        },
  );
}

function isAsked({ name, postmaster }: RestartMember, intent: RestartIntent): boolean {
  const asked = intent[name]?.asked;
  return asked !== undefined && (postmaster === undefined || asked === postmaster);
}

function gainsOf(
  member: RestartMember,
  intent: RestartIntent,
  { leader, comesLeader }: { readonly leader: RestartMember | undefined; readonly comesLeader: boolean },
): Turn {
  const settings = member.pending.filter((setting) => isBrought(member, setting, leader));
  const because = [
    ...settings.map(({ words }) => words),
    ...[member.older, member.olderService].filter((words) => words !== undefined),
  ];
  // One restart is enough for what was asked for, and it is the one that brings everything.
  const comesAgain = because.length === 0 && member.pending.length > 0 && comesLeader && !member.leads;
  return {
    member,
    settings,
    because: isAsked(member, intent) && because.length === 0 && !comesAgain ? ["it was asked for"] : because,
  };
}

function isBrought(
  member: RestartMember,
  { name, wanted }: PendingSetting,
  leader: RestartMember | undefined,
): boolean {
  const shared = member.shared[name];
  if (member.leads || shared === undefined) return true;
  // Of one that leads since a moment it is not replayed yet what it runs with.
  const atLeast = Math.max(shared.atLeast, leader?.shared[name]?.running ?? -Infinity);
  return startsWith({ ...shared, atLeast }, wanted) !== shared.running;
}

/** Patroni starts a standby with what the control file asks for where that is more. */
function startsWith({ running, atLeast }: SharedValue, wanted: string | undefined): number {
  return wanted === undefined ? running : Math.max(Number(wanted), atLeast);
}

function withRestarted({ leads, pending, shared }: RestartMember): RestartMember["shared"] {
  const wanted = new Map(pending.map((setting) => [setting.name, setting.wanted]));
  return mapValues(shared, (value, name) => {
    if (!wanted.has(name)) return value;
    return { ...value, running: leads ? Number(wanted.get(name)) : startsWith(value, wanted.get(name)) };
  });
}

function mapValues<Value>(
  all: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, change(value, name)]));
}

import { PATRONI } from "../desired/services.ts";
import type { SqlFact } from "../facts/types.ts";
import { commitsHang } from "./member-facts.ts";
import type { FactsOf, MemberFacts, MembersWish } from "./member-facts.ts";
import { muteWait } from "./mute-members.ts";
import type { Wait } from "./plan.ts";
import { streamingWait } from "./streaming-wait.ts";
import { isUnheard, votersInWords } from "./voters.ts";
import type { Voters } from "./voters.ts";

const UNREADY_SECONDS = 180;
/** Patroni starts within seconds and answers from then on. */
const SILENT_SECONDS = 60;
/** Nodes dial each other anew every few seconds. */
const UNHEARD_SECONDS = 60;
/** Longer than a round of a bootstrap takes that fails. */
const SETTLED_SECONDS = 30;
/** It was started more than twice already: by itself it hardly comes right. */
const LOOPING_SECONDS = 60;

interface Leading {
  readonly leader: string | undefined;
  /** The member that leads as others say, where it does not say so itself. */
  readonly heard: string | undefined;
  readonly voters: Voters | undefined;
}

export function memberWaits(wish: MembersWish, facts: FactsOf, { leader, heard, voters }: Leading): Wait[] {
  if (leader === undefined) return heard === undefined ? [leaderWait(wish, facts)] : heardWaits(wish, facts, heard);
  const streaming = new Set(
    facts(leader)
      ?.sql?.replication.filter((standby) => standby.state === "streaming")
      .map((standby) => standby.name),
  );
  const waits = wish.members
    .filter((member) => member.name !== leader && facts(member.name) !== undefined && !streaming.has(member.name))
    .map(
      ({ name }): Wait => muteWait(wish, name, facts(name)) ?? streamingWait(wish, name, leader, facts(name)?.patroni),
    );
  const silent = wish.members
    .filter(({ name }) => {
      const seen = facts(name);
      return name !== leader && streaming.has(name) && seen !== undefined && seen.patroni.member === undefined;
    })
    .map((member): Wait => ({
      resource: wish.resource,
      host: member.name,
      reason: "PatroniNotAnswering",
      for:
        `Patroni on ${member.name} to answer: PostgreSQL there streams, but nobody would promote it, and ` +
        "the proxies take it for down",
      holds: "settle",
      deadlineSeconds: SILENT_SECONDS,
      signs: [{ host: member.name, url: `${wish.restApiUrl(member.name)}/replica` }],
      wayOut:
        `On ${member.name}: systemctl status ${wish.unit}, journalctl -u ${wish.unit}. systemctl ` +
        `restart ${wish.unit} starts it anew; PostgreSQL there may restart with it.`,
    }));
  const shut = wish.members
    .filter(({ name }) => streaming.has(name) && facts(name)?.patroni.member !== undefined && !facts(name)?.sql)
    .map(({ name }) => notAnswering(wish, { host: name, reason: "ReplicaNotAnswering", holds: "settle" }));
  const sql = facts(leader)?.sql;
  return [
    ...waits,
    ...silent,
    ...unheardWaits(wish, facts, voters),
    ...shut,
    ...(sql === undefined
      ? [notAnswering(wish, { host: leader, reason: "LeaderNotAnswering", holds: "data" })]
      : commitWaits(wish, leader, sql)),
  ];
}

/** A leader that serves, as others say. Where its host cannot be looked at, that is said of the host. */
function heardWaits(wish: MembersWish, facts: FactsOf, heard: string): Wait[] {
  if (facts(heard) === undefined) return [];
  return [
    {
      resource: wish.resource,
      host: heard,
      reason: "PatroniNotAnswering",
      for: `Patroni on ${heard} to answer: HAProxy sends writes there, and it does not say itself that it leads`,
      holds: "data",
      deadlineSeconds: SILENT_SECONDS,
      signs: [{ host: heard, url: `${wish.restApiUrl(heard)}/primary` }],
      wayOut: `On ${heard}: systemctl status ${wish.unit}, journalctl -u ${wish.unit}. Is that host very busy?`,
    },
  ];
}

/**
 * The node in a Patroni that runs may be dead by itself, after a full disk for one: that Patroni goes on saying that
 * it follows, and is neither a vote nor anybody who could take over.
 */
function unheardWaits(wish: MembersWish, facts: FactsOf, voters: Voters | undefined): Wait[] {
  return wish.members
    .filter(({ name }) => facts(name)?.patroni.answers === true && isUnheard(wish, voters, name))
    .map(({ name }) => ({
      resource: wish.resource,
      host: name,
      reason: "VoterUnheard",
      for:
        `the ${wish.dcs.title} node of ${name} to be heard by the others: its Patroni runs, and has no ` +
        `vote${voters === undefined ? "" : ` (${votersInWords(voters)})`}`,
      holds: "settle",
      deadlineSeconds: UNHEARD_SECONDS,
      wayOut:
        `On ${name}: journalctl -u ${wish.unit}; ${wish.dcs.unheard} ` +
        `If neither: systemctl restart ${wish.unit}, which restarts PostgreSQL there with it.`,
    }));
}

/** Without it nothing is known of what is in force there: settings, rules of access, extensions. */
function notAnswering(wish: MembersWish, about: { host: string } & Pick<Wait, "reason" | "holds">): Wait {
  const { host } = about;
  return {
    resource: wish.resource,
    ...about,
    for: `PostgreSQL on ${host} to answer its superuser`,
    deadlineSeconds: UNREADY_SECONDS,
    wayOut:
      `On ${host}: journalctl -u ${wish.unit}, and the first lines of pg_hba.conf: the superuser comes ` +
      "by the local socket.",
  };
}

/** Commits that wait for a synchronous standby while there is none: clients hang, and nothing looks wrong. */
function commitWaits(wish: MembersWish, leader: string, sql: SqlFact): Wait[] {
  if (!commitsHang(sql)) return [];
  return [
    {
      resource: wish.resource,
      host: leader,
      reason: "CommitsWait",
      for:
        `a synchronous standby: synchronous_standby_names is ${sql.health?.synchronousStandbys ?? ""} on ` +
        `${leader} and no replica is one, so every commit hangs`,
      holds: "data",
      deadlineSeconds: UNREADY_SECONDS,
      wayOut:
        "Bring a replica back. With synchronous_mode_strict or ALTER SYSTEM set by hand it stays so until " +
        "that is taken back.",
    },
  ];
}

/**
 * Patroni takes a key in the DCS before it runs initdb, and takes it back should that fail, if there is a quorum just
 * then, as its source reads: members that failed before are being started again. It has no time to live. That it stays
 * was seen after initdb failed on each member, and all wait for one that will never come (F01). Nobody may read that
 * key by the REST API; it is all that can be when a first bootstrap was begun, no member holds data, and none does
 * anything about it for longer than any of its rounds takes. Resolves to a member, to clear it from.
 */
function abandonedBootstrap(wish: MembersWish, facts: FactsOf): string | undefined {
  if (!wish.bootstrapIntended || wish.systemId !== undefined) return undefined;
  const isIdle = (seen: MemberFacts | undefined): boolean =>
    seen !== undefined &&
    ["absent", "empty"].includes(seen.dataDirectory.class) &&
    seen.patroni.member?.state === "stopped" &&
    seen.dcs.status?.hasQuorum === true &&
    isSettled(seen);
  return wish.members.every(({ name }) => isIdle(facts(name))) ? wish.members[0]?.name : undefined;
}

/** Whether Patroni has run there for longer than a round of a bootstrap that fails. */
function isSettled(seen: MemberFacts | undefined): boolean {
  return (seen?.dcs.status?.uptimeSeconds ?? 0) >= SETTLED_SECONDS;
}

/** "waiting for leader to bootstrap" told apart, as far as the members can tell. */
function leaderWait(wish: MembersWish, facts: FactsOf): Wait {
  const signs = wish.members
    .filter((member) => facts(member.name) !== undefined)
    .map(({ name }) => ({ host: name, url: `${wish.restApiUrl(name)}/primary` }));
  const base = {
    resource: wish.resource,
    clock: { of: "a leader", deadlineSeconds: UNREADY_SECONDS },
    holds: "data",
    deadlineSeconds: UNREADY_SECONDS,
    signs,
  } as const;
  const asked = wish.members.map((member) => facts(member.name)).filter((seen) => seen?.dcs.status !== undefined);
  const bootstrapper = abandonedBootstrap(wish, facts);
  if (bootstrapper !== undefined) {
    return {
      ...base,
      deadlineSeconds: LOOPING_SECONDS,
      reason: "BootstrapAbandoned",
      for:
        "a leader: no member holds data and each waits for another to bootstrap, since one failed at it, or died, " +
        "and left its initialize key in the DCS",
      wayOut:
        `Mend what it failed at, which its journal says. Then on ${bootstrapper}: patronictl -c ` +
        `${PATRONI.config} remove ${wish.scope}, confirmed with ${wish.scope}, then with "Yes I am aware". It ` +
        "empties the DCS, which no data hangs on yet; if it asks for the name of a leader, leave it: somebody leads " +
        "by now. The members bootstrap by themselves.",
    };
  }
  const looping = wish.members.find(({ name }) => {
    const seen = facts(name);
    return (seen?.unit.restarts ?? 0) > 2 && !isSettled(seen);
  });
  if (looping !== undefined) {
    return {
      ...base,
      host: looping.name,
      deadlineSeconds: LOOPING_SECONDS,
      reason: "BootstrapLooping",
      for: `a leader: Patroni on ${looping.name} starts, fails and is started again`,
      wayOut: `On ${looping.name}: journalctl -u ${wish.unit}; the first error of a round is the cause.`,
    };
  }
  if (asked.length > 0 && !asked.some((seen) => seen?.dcs.status?.hasQuorum === true)) {
    return {
      ...base,
      reason: "NoQuorum",
      for:
        `a quorum: fewer than ${Math.floor(wish.members.length / 2) + 1} of ${wish.members.length} ` +
        `${wish.dcs.title} nodes see each other`,
      wayOut: `Start the missing members, and ${wish.dcs.apart}`,
    };
  }
  const states = wish.members
    .map((member) => `${member.name} ${facts(member.name)?.patroni.member?.state ?? "not answering"}`)
    .join(", ");
  return {
    ...base,
    reason: "NoLeader",
    for: `a leader (${states})`,
    wayOut:
      `On any member: patronictl -c ${PATRONI.config} list. "waiting for leader to bootstrap" on all ` +
      "of them means that an initialize key was left in the DCS, or that no member may bootstrap.",
  };
}

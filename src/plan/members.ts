import type { Look } from "../facts/fact.ts";
import type { DataDirectoryFact, PatroniFact, RaftFact, SqlFact, UnitFact } from "../facts/types.ts";
import type { Blocker, Step, Wait } from "./plan.ts";

/** What says in which life a cluster is. */
export interface MemberFacts {
  readonly dataDirectory: DataDirectoryFact;
  readonly raft: RaftFact;
  readonly patroni: PatroniFact;
  readonly unit: UnitFact;
  readonly sql: SqlFact | undefined;
}

export interface MembersWish {
  readonly resource: string;
  readonly members: readonly { readonly name: string; readonly address: string }[];
  readonly unit: string;
  readonly raftPort: number;
  /** Patroni's REST API of a member. */
  readonly restApiUrl: (member: string) => string;
  readonly majorVersion: number;
  readonly dataDirectory: string;
  /** Database system identifier recorded when the cluster was first seen. */
  readonly systemId: string | undefined;
  /** Whether a first bootstrap by pgha was recorded before it was started. */
  readonly bootstrapIntended: boolean;
}

export interface MembersPlan {
  readonly steps: readonly Step[];
  readonly waits: readonly Wait[];
  readonly blockers: readonly Blocker[];
  /** absent: no member holds data and none was ever recorded. led: a primary is running. */
  readonly life: "absent" | "starting" | "led" | "unknown";
  readonly leader: string | undefined;
}

const UNREADY_SECONDS = 180;
/** A base backup of a large database takes its time; only the first sign of no progress is wanted here. */
const STREAMING_SECONDS = 1800;

/** Brings the members to life: first start together, restart, join, or Blocked. Never wipes, never bootstraps over data. */
export function planMembers(wish: MembersWish, looks: ReadonlyMap<string, Look<MemberFacts>>): MembersPlan {
  const facts = (name: string): MemberFacts | undefined => {
    const look = looks.get(name);
    return look?.seen === true ? look.facts : undefined;
  };
  const leader = wish.members.find((member) => isPrimary(facts(member.name)))?.name;
  const blockers = [...dataBlockers(wish, facts), ...identityBlockers(wish, facts)];
  const allSeen = wish.members.every((member) => facts(member.name) !== undefined);
  const anyData = wish.members.some((member) => facts(member.name)?.dataDirectory.class === "valid");
  const anyRunning = wish.members.some((member) => facts(member.name)?.unit.activeState === "active");
  const isAbsent = allSeen && !anyData && !anyRunning && wish.systemId === undefined;
  if (allSeen && !anyData && wish.systemId !== undefined && leader === undefined) {
    blockers.push(blocker(wish, undefined, "DataLost", `this cluster has system identifier ${wish.systemId}, and no member holds its data any more`, "Find the data volumes and mount them. Only if the data is really to be given up: remove systemId from the recorded facts, and bootstrap anew."));
  }
  if (leader === undefined && allSeen && !isAbsent) blockers.push(...minorityBlockers(wish, facts));
  if (isAbsent && !wish.bootstrapIntended) blockers.push(...journalBlockers(wish, facts));

  const steps = [...(isAbsent && !wish.bootstrapIntended ? [intentStep(wish)] : []), ...startSteps(wish, facts, isAbsent, leader)];
  const waits = steps.length > 0 ? [] : memberWaits(wish, facts, leader);
  const life = leader !== undefined ? "led" : isAbsent ? "absent" : anyRunning && wish.systemId === undefined && !anyDataBefore(wish, facts) ? "starting" : "unknown";
  return { steps, waits, blockers, life, leader };
}

type FactsOf = (name: string) => MemberFacts | undefined;

export function isPrimary(facts: MemberFacts | undefined): boolean {
  const member = facts?.patroni.member;
  return member?.state === "running" && member.role === "primary";
}

/** A cluster under its first bootstrap: nothing was there before we started it. */
function anyDataBefore(wish: MembersWish, facts: FactsOf): boolean {
  return !wish.bootstrapIntended && wish.members.some((member) => facts(member.name)?.dataDirectory.class === "valid");
}

function dataBlockers(wish: MembersWish, facts: FactsOf): Blocker[] {
  return wish.members.flatMap((member): Blocker[] => {
    const seen = facts(member.name);
    if (seen === undefined || seen.unit.activeState === "active") return [];
    const { class: state, entries, majorVersion } = seen.dataDirectory;
    if (state === "noise") {
      return [blocker(wish, member.name, "DataDirectoryNotEmpty", `${wish.dataDirectory} holds no database but is not empty: ${entries.slice(0, 5).join(", ")}; initdb would refuse it`, `Look at what is in ${wish.dataDirectory}, and move it away.`)];
    }
    if (state === "partial") {
      return [blocker(wish, member.name, "DataDirectoryPartial", `${wish.dataDirectory} holds a part of a database (${entries.slice(0, 5).join(", ")}), as an interrupted initdb or copy leaves it`, `If another member holds the data, or there never was any, move ${wish.dataDirectory} away; pgha does not delete it.`)];
    }
    if (state === "valid" && majorVersion !== undefined && majorVersion !== wish.majorVersion) {
      return [blocker(wish, member.name, "MajorVersionMismatch", `${wish.dataDirectory} was made by PostgreSQL ${majorVersion}, the spec asks for ${wish.majorVersion}`, "Set spec.postgresql.version to the version of the data; pgha does not upgrade data directories.")];
    }
    return [];
  });
}

/** F05, F08, F95: data with another system identifier is somebody else's. */
function identityBlockers(wish: MembersWish, facts: FactsOf): Blocker[] {
  const found = wish.members.flatMap((member) => {
    const seen = facts(member.name);
    const systemId = seen?.dataDirectory.systemId ?? seen?.patroni.member?.systemId;
    return systemId === undefined ? [] : [{ name: member.name, systemId }];
  });
  const expected = wish.systemId ?? found[0]?.systemId;
  return found.filter((member) => member.systemId !== expected).map((member) =>
    blocker(wish, member.name, "SystemIdMismatch", `its data has system identifier ${member.systemId}, ${wish.systemId === undefined ? `that on ${found[0]?.name ?? "?"}` : "this cluster"} has ${expected ?? "?"}`, "This is the data of another cluster. Mount the right volume, or move that data directory away yourself."));
}

function journalBlockers(wish: MembersWish, facts: FactsOf): Blocker[] {
  return wish.members.flatMap((member) => {
    const journals = facts(member.name)?.raft.journals ?? [];
    return journals.length === 0 ? [] : [blocker(wish, member.name, "RaftJournalLeft", `a RAFT journal of an earlier installation is there (${journals.join(", ")}), but no data on any member`, "Stop Patroni on every member, then move those files away on every member: a survivor would replay them.")];
  });
}

function intentStep(wish: MembersWish): Step {
  return {
    id: `controller/${wish.resource}/bootstrap-intent`, resource: wish.resource, host: undefined, stage: "record", impact: "none",
    change: { kind: "record-bootstrap-intent", members: wish.members.map((member) => member.name) },
    because: "no member holds data and no cluster was ever recorded, so the first start will run initdb once",
  };
}

/**
 * All that do not run and may, at once. Who is dialed by the others starts first, so that no dial is refused.
 *
 * While nobody leads, a member without data and without a journal may start only in a first bootstrap: it knows of no
 * cluster, so beside members that hold data it might win the race and make an empty one.
 */
function startSteps(wish: MembersWish, facts: FactsOf, isAbsent: boolean, leader: string | undefined): Step[] {
  const ordered = [...wish.members].toSorted((left, right) => (left.address < right.address ? -1 : 1));
  const first = ordered[0];
  return ordered.filter((member) => isDown(facts(member.name)) && (isAbsent || leader !== undefined || knowsCluster(wish, facts(member.name)))).map((member) => ({
    id: `${member.name}/${wish.resource}/start ${wish.unit}`, resource: wish.resource, host: member.name, stage: "services", impact: "none",
    change: { kind: "start-unit", unit: wish.unit, ...(first === undefined || first === member ? {} : { after: { address: first.address, port: wish.raftPort } }) },
    because: isAbsent ? "the first start of all members together elects a leader, which runs initdb" : "it is not running",
  }));
}

function isDown(facts: MemberFacts | undefined): boolean {
  return facts !== undefined && !["active", "activating"].includes(facts.unit.activeState);
}

function knowsCluster(wish: MembersWish, facts: MemberFacts | undefined): boolean {
  const inFirstBootstrap = wish.bootstrapIntended && wish.systemId === undefined;
  return facts !== undefined && (inFirstBootstrap || facts.dataDirectory.class === "valid" || facts.raft.journals.length > 0);
}

/** Fewer members than a quorum know of the cluster, so that it takes ignorant ones to elect a leader. */
function minorityBlockers(wish: MembersWish, facts: FactsOf): Blocker[] {
  const knowing = wish.members.filter((member) => knowsCluster(wish, facts(member.name)));
  const ignorant = wish.members.filter((member) => isDown(facts(member.name)) && !knowing.includes(member));
  if (knowing.length === 0 || ignorant.length === 0 || knowing.length > wish.members.length / 2) return [];
  const names = (members: MembersWish["members"]): string => members.map((member) => member.name).join(", ");
  return [blocker(wish, undefined, "DataOnMinority", `only ${names(knowing)} of ${wish.members.length} members hold data or a RAFT journal; ${names(ignorant)} would make the quorum, and might bootstrap an empty cluster`, "Mount the volumes that hold the other members' data. If they are lost for good, this is a recovery by hand: docs/operations.md, DataOnMinority.")];
}

function memberWaits(wish: MembersWish, facts: FactsOf, leader: string | undefined): Wait[] {
  if (leader === undefined) return [leaderWait(wish, facts)];
  const streaming = new Set(facts(leader)?.sql?.replication.filter((standby) => standby.state === "streaming").map((standby) => standby.name));
  const waits = wish.members.filter((member) => member.name !== leader && facts(member.name) !== undefined && !streaming.has(member.name)).map((member): Wait => ({
    resource: wish.resource, host: member.name, reason: "ReplicaNotStreaming", for: `${member.name} to stream from ${leader} (it is ${facts(member.name)?.patroni.member?.state ?? "not answering"})`,
    holds: "settle", deadlineSeconds: STREAMING_SECONDS, signs: [{ host: member.name, url: `${wish.restApiUrl(member.name)}/replica` }], wayOut: `On ${member.name}: journalctl -u ${wish.unit}, and PostgreSQL's own log.`,
  }));
  if (facts(leader)?.sql !== undefined) return waits;
  return [...waits, { resource: wish.resource, host: leader, reason: "LeaderNotAnswering", for: `PostgreSQL on ${leader} to answer its superuser`, holds: "data", deadlineSeconds: UNREADY_SECONDS, wayOut: `On ${leader}: journalctl -u ${wish.unit}.` }];
}

/** "waiting for leader to bootstrap" told apart, as far as the members can tell. */
function leaderWait(wish: MembersWish, facts: FactsOf): Wait {
  const signs = wish.members.filter((member) => facts(member.name) !== undefined).map(({ name }) => ({ host: name, url: `${wish.restApiUrl(name)}/primary` }));
  const base = { resource: wish.resource, holds: "data", deadlineSeconds: UNREADY_SECONDS, signs } as const;
  const asked = wish.members.map((member) => facts(member.name)).filter((seen) => seen?.raft.status !== undefined);
  const looping = wish.members.find((member) => (facts(member.name)?.unit.restarts ?? 0) > 2);
  if (looping !== undefined) {
    return { ...base, reason: "BootstrapLooping", for: `a leader: Patroni on ${looping.name} starts, fails and is started again`, wayOut: `On ${looping.name}: journalctl -u ${wish.unit}; the first error of a round is the cause.` };
  }
  if (asked.length > 0 && !asked.some((seen) => seen?.raft.status?.hasQuorum === true)) {
    return { ...base, reason: "NoQuorum", for: `a quorum: fewer than ${Math.floor(wish.members.length / 2) + 1} of ${wish.members.length} RAFT nodes see each other`, wayOut: `Start the missing members, and check that port ${wish.raftPort} is open between them and that all have the same RAFT password.` };
  }
  const states = wish.members.map((member) => `${member.name} ${facts(member.name)?.patroni.member?.state ?? "not answering"}`).join(", ");
  return { ...base, reason: "NoLeader", for: `a leader (${states})`, wayOut: "On any member: patronictl -c /etc/patroni/config.yml list. \"waiting for leader to bootstrap\" on all of them means that an initialize key was left in the DCS, or that no member may bootstrap." };
}

function blocker(wish: MembersWish, host: string | undefined, reason: string, why: string, wayOut: string): Blocker {
  return { resource: wish.resource, ...(host === undefined ? {} : { host }), reason, why, wayOut, scope: "everything" };
}

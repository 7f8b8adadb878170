import { PATRONI } from "../../desired/services.ts";
import type { RestartSeen, SeenMember } from "../../plan/operations/restart.ts";
import { SHARED_SETTINGS } from "../../plan/operations/restart-order.ts";
import type { RestartMember } from "../../plan/operations/restart-order.ts";
import { isPaused } from "../../plan/failover.ts";
import { isUnheard } from "../../plan/voters.ts";
import type { MembersPlan } from "../../plan/members.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";
import { movesOf } from "./moves.ts";
import { foreseenPatroni, olderPatroni, olderPostgresql, upgradesOf } from "./older-processes.ts";
import { pendingSettings } from "./settings.ts";

/** What a restart of members goes by, out of one look at all of them. */
export function restartSeen(desired: DesiredCluster, looks: ClusterLooks, life: MembersPlan): RestartSeen {
  const leading = factsOf(looks, life.leader ?? "");
  const moves = movesOf(desired, looks);
  const { maximumLagOnFailoverBytes } = desired.resolved.cluster.spec.patroni;
  const lag = Number(leading?.patroni.dynamicConfig?.["maximum_lag_on_failover"]);
  const wish = { members: desired.members, dcs: desired.resolved.dcs.words };
  return {
    candidates: [],
    voters: life.voters,
    maximumLagBytes: Number.isFinite(lag) ? lag : maximumLagOnFailoverBytes,
    unheard: desired.members.flatMap(({ name }) => (isUnheard(wish, life.voters, name) ? [name] : [])),
    isPaused: isPaused(desired, (name) => factsOf(looks, name)),
    members: desired.members.map(({ name }): SeenMember => {
      const facts = factsOf(looks, name);
      const leads = name === life.leader;
      return {
        ...memberOf(desired, name, { leads, facts, moves }),
        ...stateOf(name, leads, facts, leading),
        lagBytes: leads ? undefined : leading?.sql?.replication.find((standby) => standby.name === name)?.lagBytes,
      };
    }),
  };
}

/** Members that are to be moved and may, with why. */
type Moves = ReturnType<typeof movesOf>;

/** Settings and programs that wait for a restart of a member, in words. */
export function waitingOn(desired: DesiredCluster, name: string, facts: ClusterFacts, moves: Moves): readonly string[] {
  const moved = moves.get(name);
  if (moved !== undefined) return [...pendingWords(desired, facts), moved];
  const newer = upgradesOf(desired, name, facts);
  const older = [
    olderPostgresql(desired, facts) ?? newer.older,
    olderPatroni(desired, name, facts) ?? newer.olderService,
  ];
  return [...pendingWords(desired, facts), ...older.filter((words) => words !== undefined)];
}

function pendingWords(desired: DesiredCluster, facts: ClusterFacts): readonly string[] {
  const { sql, patroni } = facts;
  const pending = pendingSettings(desired, facts);
  if (pending !== undefined) return pending.map(({ words }) => words);
  // Patroni tells it a round of its loop late, in both directions: its word counts only where PostgreSQL was not asked.
  if (patroni.member?.pendingRestart !== true) return [];
  return sql === undefined || sql.pendingRestartSettings.length === 0
    ? ["changed settings"]
    : sql.pendingRestartSettings;
}

function memberOf(
  desired: DesiredCluster,
  name: string,
  { leads, facts, moves }: { readonly leads: boolean; readonly facts: ClusterFacts | undefined; readonly moves: Moves },
): RestartMember {
  // Where it comes to, all is as new as it is there.
  const moved = facts && desired.members.find((one) => one.name === name)?.move !== undefined;
  const pending = facts === undefined ? undefined : pendingSettings(desired, facts);
  const newer = facts && moved !== true ? upgradesOf(desired, name, facts) : undefined;
  const rows = new Map((facts?.sql?.settings ?? []).map((row) => [row.name, Number(row.value)]));
  return {
    name,
    leads,
    pending: pending ?? [],
    shared: Object.fromEntries(
      SHARED_SETTINGS.flatMap((setting) => {
        const running = rows.get(setting);
        if (running === undefined) return [];
        return [[setting, { running, atLeast: facts?.dataDirectory.atLeast?.[setting] ?? running }] as const];
      }),
    ),
    isToCome: facts !== undefined && foreseenPatroni(desired, facts) !== undefined,
    older: moved === true ? undefined : ((facts && olderPostgresql(desired, facts)) ?? newer?.older),
    olderService: moves.get(name) ?? (facts && olderPatroni(desired, name, facts)) ?? newer?.olderService,
    upgrades: newer?.upgrades ?? [],
    postmaster: facts?.dataDirectory.postmaster,
    isKnown: pending !== undefined,
  };
}

function stateOf(
  name: string,
  leads: boolean,
  facts: ClusterFacts | undefined,
  leading: ClusterFacts | undefined,
): Pick<SeenMember, "state" | "stateWords"> {
  if (facts === undefined) return { state: "away", stateWords: "cannot be looked at" };
  if (!["active", "activating"].includes(facts.units[PATRONI.unit]?.activeState ?? ""))
    return { state: "away", stateWords: "is stopped" };
  const { member } = facts.patroni;
  if (member === undefined) return { state: "coming", stateWords: "has a Patroni that does not answer" };
  if (/failed|crashed/.test(member.state)) return { state: "away", stateWords: "does not start" };
  const streams = leading?.sql?.replication.some((standby) => standby.name === name && standby.state === "streaming");
  if (member.state === "running" && facts.sql !== undefined && (leads || streams === true))
    return { state: "up", stateWords: "" };
  return { state: "coming", stateWords: member.state === "running" ? "does not stream" : `is ${member.state}` };
}

export function factsOf(looks: ClusterLooks, name: string): ClusterFacts | undefined {
  const look = looks.get(name);
  return look?.seen === true ? look.facts : undefined;
}

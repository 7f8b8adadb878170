import { PATRONI } from "../../desired/services.ts";
import { failoverOutlook, isPaused } from "../../plan/failover.ts";
import type { FailoverOutlook } from "../../plan/failover.ts";
import { scheduledIn } from "../../plan/halted.ts";
import { heardLeader } from "../../plan/heard-leader.ts";
import { factsOf as memberFactsOf, isPrimary } from "../../plan/member-facts.ts";
import { planMembers } from "../../plan/members.ts";
import type { Plan } from "../../plan/plan.ts";
import { undeclaredLeader } from "../../plan/undeclared-members.ts";
import { upgradesForStatus } from "../../plan/upgrades.ts";
import { votersInWords } from "../../plan/voters.ts";
import type { Voters } from "../../plan/voters.ts";
import { conditionsOf } from "../../status/conditions.ts";
import type { Finding } from "../../status/conditions.ts";
import { measuredHost, measuredMember } from "../../status/measured.ts";
import type { HostStatus, ResourceStatus } from "../../status/status.ts";
import { summaryStatus } from "../../status/summary.ts";
import { imageOf } from "../container.ts";
import { availableFinding } from "./available.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";
import { imageSkew } from "./ground.ts";
import { memberStatus, outsiderStatus, versionText } from "./member-status.ts";
import { memberLooks, membersWish } from "./members.ts";
import { movesOf } from "./moves.ts";
import { factsOf, waitingOn } from "./restart-seen.ts";

/** The observed truth about a cluster, in words and conditions. Looks at nothing again. */
export function reportCluster(
  desired: DesiredCluster,
  looks: ClusterLooks,
  plan: Plan,
  writesGoTo?: ReadonlySet<string>,
): ResourceStatus {
  const { cluster, recorded } = desired.resolved;
  const members = memberLooks(looks);
  const leader = desired.members.find(({ name }) => {
    const look = members.get(name);
    return look?.seen === true && isPrimary(look.facts);
  });
  const leaderFacts = leader === undefined ? undefined : factsOf(looks, leader.name);
  const seen = desired.members.flatMap(({ name }) => {
    const facts = factsOf(looks, name);
    return facts === undefined ? [] : [[name, facts] as const];
  });
  const unseen = [...looks.values()].flatMap((look) => (look.seen ? [] : [look]));
  const moves = movesOf(desired, looks);
  const waiting = new Map(seen.map(([name, facts]) => [name, waitingOn(desired, name, facts, moves)] as const));
  const isPending = (name: string): boolean => (waiting.get(name) ?? []).length > 0;
  const statuses = desired.members.map(({ name }) =>
    memberStatus(name, factsOf(looks, name), leaderFacts, { leads: name === leader?.name, isPending: isPending(name) }),
  );
  const wish = membersWish(desired);
  const { voters, undeclared } = planMembers(wish, members);
  const outsider = leader === undefined ? undeclaredLeader(undeclared) : undefined;
  const streaming = statuses.filter((member) => member.state === "streaming").length;
  const outlook = leader === undefined ? undefined : failoverOutlook(wish, memberFactsOf(members), leader.name);
  const heard = leader === undefined ? heardLeader(wish, members, writesGoTo) : undefined;
  const leads = leader?.name ?? outsider?.name ?? heard?.name;
  const available = availableFinding({
    leader: leader?.name,
    outsider: outsider?.name,
    heard,
    sql: leaderFacts?.sql,
    isBlind: unseen.length === looks.size,
    waits: plan.waits,
    dcs: wish.dcs.title,
  });
  const established = recorded.systemId !== undefined;
  const conditions = conditionsOf({
    generation: cluster.metadata.generation ?? 0,
    plan,
    unseen,
    hostCount: looks.size,
    available,
    established,
    domain: {
      QuorumHealthy: quorum(leads, plan, voters, wish.dcs.title),
      FailoverPossible: failoverFinding(outlook, heard?.name),
      ReplicationHealthy:
        streaming === desired.members.length - 1
          ? { status: "True", reason: "AllStreaming", message: `${streaming} of ${streaming} replicas stream` }
          : {
              status: leader === undefined ? "Unknown" : "False",
              reason: "ReplicaNotStreaming",
              message: `${streaming} of ${desired.members.length - 1} replicas stream`,
            },
      PendingRestart: statuses.some((member) => member.pendingRestart)
        ? { status: "True", reason: "SettingsNeedRestart", message: pendingInWords(waiting, plan) }
        : { status: "False", reason: "NothingPending", message: "" },
      ...(desired.members.every(({ ground, move }) => ground === "host" && move === undefined)
        ? {}
        : { VersionSkew: skewFinding(desired, looks) }),
    },
  });
  const systemId = recorded.systemId ?? leaderFacts?.patroni.member?.systemId;
  const timeline = leaderFacts?.patroni.member?.timeline;
  return {
    ...summaryStatus(conditions, plan, established),
    observedGeneration: cluster.metadata.generation ?? 0,
    conditions,
    endpoints: desired.members.map(({ address }) => ({
      purpose: "direct",
      address,
      port: cluster.spec.postgresql.port,
    })),
    hosts: desired.members.map((member) => hostStatus(member, looks.get(member.name))),
    measured: {
      hosts: seen.map(([name, facts]) => measuredHost(name, facts.system, facts.mount)),
      members: seen.flatMap(([name, facts]) => measuredMember(name, facts.sql, isPending(name)) ?? []),
    },
    cluster: {
      scope: desired.scope,
      members: [...statuses, ...undeclared.flatMap(({ member }) => member ?? []).map(outsiderStatus)],
      undeclared: undeclared.map((member) => member.name),
      ...(voters === undefined
        ? {}
        : {
            voting: {
              voters: voters.nodes.length,
              connected: voters.connected,
              quorum: voters.quorum,
              mayFail: voters.mayFail,
            },
          }),
      ...(leads === undefined ? {} : { leader: leads }),
      ...(systemId === undefined ? {} : { systemId }),
      ...(timeline === undefined ? {} : { timeline }),
      ...switchedOff(desired, looks, outlook),
    },
  };
}

function skewFinding(desired: DesiredCluster, looks: ClusterLooks): Finding {
  const [skew] = imageSkew(desired, looks);
  return skew === undefined
    ? { status: "False", reason: "SameImage", message: "" }
    : { status: "True", reason: skew.reason, message: skew.message };
}

function failoverFinding(outlook: FailoverOutlook | undefined, heard: string | undefined): Finding {
  if (heard !== undefined) return { status: "Unknown", reason: "LeaderNotSeen", message: `${heard} was not looked at` };
  if (outlook === undefined) return { status: "Unknown", reason: "NoLeader", message: "no leader is known" };
  return outlook.hindrance === undefined
    ? { status: "True", reason: "CandidatesReady", message: `${outlook.candidates.join(", ")} could take over now` }
    : { status: "False", ...outlook.hindrance };
}

/** On whom what waits, and what lets it happen, unless it is about to. */
function pendingInWords(waiting: ReadonlyMap<string, readonly string[]>, plan: Plan): string {
  const same = Map.groupBy(
    [...waiting].filter(([, words]) => words.length > 0),
    ([, words]) => words.join(", "),
  );
  const each = [...same].map(([words, members]) => `${members.map(([name]) => name).join(", ")}: ${words}`);
  const wayOut = plan.blockers.find(({ reason }) => reason === "PendingRestart")?.wayOut;
  return [...each, ...(wayOut === undefined ? [] : [wayOut])].join("; ");
}

/** What a person asked Patroni for by hand, and who could take over; left out where nobody knows. */
function switchedOff(
  desired: DesiredCluster,
  looks: ClusterLooks,
  outlook: FailoverOutlook | undefined,
): Pick<NonNullable<ResourceStatus["cluster"]>, "failoverCandidates" | "patroniPaused" | "scheduled"> {
  const wish = membersWish(desired);
  const facts = memberFactsOf(memberLooks(looks));
  const scheduled = scheduledIn(wish, facts).map(({ what }) => what);
  return {
    ...(outlook === undefined || wish.members.length === 1 ? {} : { failoverCandidates: outlook.candidates }),
    ...(wish.members.some(({ name }) => facts(name)?.patroni.answers === true)
      ? { patroniPaused: isPaused(wish, facts) }
      : {}),
    ...(scheduled.length === 0 ? {} : { scheduled }),
  };
}

function quorum(leader: string | undefined, plan: Plan, voters: Voters | undefined, dcs: string): Finding {
  const numbers = voters === undefined ? "" : `; ${votersInWords(voters)}`;
  if (leader !== undefined)
    return {
      status: "True",
      reason: "LeaderKeyHeld",
      message: `${leader} holds the leader key, which takes a quorum${numbers}`,
    };
  return plan.waits.some((wait) => wait.reason === "NoQuorum")
    ? { status: "False", reason: "NoQuorum", message: `too few ${dcs} nodes see each other${numbers}` }
    : { status: "Unknown", reason: "NoLeader", message: "no leader is known" };
}

function hostStatus(
  member: DesiredCluster["members"][number],
  look: ClusterLooks extends ReadonlyMap<string, infer L> ? L | undefined : never,
): HostStatus {
  if (look?.seen !== true)
    return {
      name: member.name,
      address: member.address,
      state: look?.reason ?? "NotLooked",
      versions: {},
      ...(look === undefined ? {} : { message: look.message }),
    };
  const { facts } = look;
  const versions = {
    patroni: facts.patroni.member?.patroniVersion,
    ...facts.dcs.versions,
    postgresql: facts.sql === undefined ? undefined : versionText(facts.sql.serverVersion),
    ...imageOf(facts.units[PATRONI.unit]),
  };
  return {
    name: member.name,
    address: member.address,
    state: "Reachable",
    machineId: facts.system.machineId,
    ...(facts.mount.mounted && facts.mount.uuid !== "" ? { volumeUuid: facts.mount.uuid } : {}),
    versions: Object.fromEntries(
      Object.entries(versions).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    ...upgradesForStatus(member.host, facts),
  };
}

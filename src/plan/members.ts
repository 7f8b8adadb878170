import type { Look } from "../facts/fact.ts";
import { dataBlockers, identityBlockers, traceBlockers, minorityBlockers } from "./member-blockers.ts";
import { heardLeader } from "./heard-leader.ts";
import { blocker, factsOf, isDown, isPrimary, knowsCluster } from "./member-facts.ts";
import type { FactsOf, MemberFacts, MembersWish } from "./member-facts.ts";
import { memberWaits } from "./member-waits.ts";
import { mayJoin } from "./newcomers.ts";
import type { Blocker, Step, Wait } from "./plan.ts";
import { undeclaredBlockers, undeclaredLeader, undeclaredMembers } from "./undeclared-members.ts";
import type { UndeclaredMember } from "./undeclared-members.ts";
import { votersOf } from "./voters.ts";
import type { Voters } from "./voters.ts";

export interface MembersPlan {
  readonly steps: readonly Step[];
  readonly waits: readonly Wait[];
  readonly blockers: readonly Blocker[];
  /** absent: no member holds data and none was ever recorded. led: a primary is running. */
  readonly life: "absent" | "starting" | "led" | "unknown";
  readonly leader: string | undefined;
  /** Whom the DCS counts; undefined while no member says. */
  readonly voters: Voters | undefined;
  readonly undeclared: readonly UndeclaredMember[];
}

/**
 * Brings the members to life: first start together, restart, join, or Blocked. Never wipes, never bootstraps over data.
 */
export function planMembers(
  wish: MembersWish,
  looks: ReadonlyMap<string, Look<MemberFacts>>,
  writesGoTo?: ReadonlySet<string>,
): MembersPlan {
  const facts = factsOf(looks);
  const leader = wish.members.find((member) => isPrimary(facts(member.name)))?.name;
  const voters = votersOf(wish, facts, leader);
  const undeclared = undeclaredMembers(wish, facts, voters, leader);
  const living = leader ?? wish.members.find((member) => facts(member.name)?.unit.activeState === "active")?.name;
  const blockers = [
    ...undeclaredBlockers(wish, undeclared, voters, living),
    ...dataBlockers(wish, facts),
    ...identityBlockers(wish, facts),
  ];
  const allSeen = wish.members.every((member) => facts(member.name) !== undefined);
  const anyData = wish.members.some((member) => facts(member.name)?.dataDirectory.class === "valid");
  const anyRunning = wish.members.some((member) => facts(member.name)?.unit.activeState === "active");
  const isAbsent = allSeen && !anyData && !anyRunning && wish.systemId === undefined;
  if (allSeen && !anyData && wish.systemId !== undefined && leader === undefined) {
    blockers.push(
      blocker(
        wish,
        undefined,
        "DataLost",
        `this cluster has system identifier ${wish.systemId}, and no member holds its data any more`,
        "Find the data volumes and mount them. Only if the data is really to be given up: remove systemId " +
          "from the recorded facts, and bootstrap anew.",
      ),
    );
  }
  if (leader === undefined && allSeen && !isAbsent) blockers.push(...minorityBlockers(wish, facts));
  if (isAbsent && !wish.bootstrapIntended) blockers.push(...traceBlockers(wish, facts));

  const steps = [
    ...(isAbsent && !wish.bootstrapIntended ? [intentStep(wish)] : []),
    ...startSteps(wish, facts, isAbsent, leader, voters),
  ];
  const heard = leader === undefined ? heardLeader(wish, looks, writesGoTo)?.name : undefined;
  const isLedFromOutside = leader === undefined && undeclaredLeader(undeclared) !== undefined;
  const waits = steps.length > 0 || isLedFromOutside ? [] : memberWaits(wish, facts, { leader, heard, voters });
  const life =
    leader !== undefined
      ? "led"
      : isAbsent
        ? "absent"
        : anyRunning && wish.systemId === undefined && !anyDataBefore(wish, facts)
          ? "starting"
          : "unknown";
  return { steps, waits, blockers, life, leader, voters, undeclared };
}

/** A cluster under its first bootstrap: nothing was there before we started it. */
function anyDataBefore(wish: MembersWish, facts: FactsOf): boolean {
  return !wish.bootstrapIntended && wish.members.some((member) => facts(member.name)?.dataDirectory.class === "valid");
}

function intentStep(wish: MembersWish): Step {
  return {
    id: `controller/${wish.resource}/bootstrap-intent`,
    resource: wish.resource,
    host: undefined,
    stage: "record",
    impact: "none",
    change: { kind: "record-bootstrap-intent", members: wish.members.map((member) => member.name) },
    because: "no member holds data and no cluster was ever recorded, so the first start will run initdb once",
  };
}

/**
 * All that do not run and may, at once. Who is dialed by the others starts first, so that no dial is refused.
 *
 * While nobody leads, a member without data and without a trace in the DCS may start only in a first bootstrap: it
 * knows of no cluster, so beside members that hold data it might win the race and make an empty one.
 */
function startSteps(
  wish: MembersWish,
  facts: FactsOf,
  isAbsent: boolean,
  leader: string | undefined,
  voters: Voters | undefined,
): Step[] {
  const ordered = [...wish.members].toSorted((left, right) => (left.address < right.address ? -1 : 1));
  const [first] = ordered;
  const dialed = first === undefined ? undefined : wish.dcs.dialed(first.address);
  const joining = leader === undefined ? [] : mayJoin(wish, facts, leader, voters);
  return ordered
    .filter(
      (member) =>
        isDown(facts(member.name)) &&
        (isAbsent || knowsCluster(wish, facts(member.name)) || joining.includes(member.name)),
    )
    .map((member) => ({
      id: `${member.name}/${wish.resource}/start ${wish.unit}`,
      resource: wish.resource,
      host: member.name,
      stage: "services",
      impact: "none",
      change: {
        kind: "start-unit",
        unit: wish.unit,
        ...(dialed === undefined || first === member ? {} : { after: dialed }),
      },
      because: isAbsent
        ? "the first start of all members together elects a leader, which runs initdb"
        : "it is not running",
    }));
}

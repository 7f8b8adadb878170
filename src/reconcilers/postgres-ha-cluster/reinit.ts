import { PATRONI } from "../../desired/services.ts";
import { dataDirectoryOf, patroniTimingOf } from "../../api/index.ts";
import { brokenMembers } from "../../plan/broken-members.ts";
import type { BrokenMember } from "../../plan/broken-members.ts";
import { factsOf } from "../../plan/member-facts.ts";
import type { MembersPlan } from "../../plan/members.ts";
import { NOTICES, noticing } from "../../plan/notices.ts";
import { nextReinit } from "../../plan/operations/reinit.ts";
import type { Blocker, Plan, Step } from "../../plan/plan.ts";
import type { RestartSeen } from "../../plan/operations/restart.ts";
import type { Way } from "../../plan/operations/switchover.ts";
import type { RecordedFacts } from "../../state/index.ts";
import type { DesiredCluster } from "./desire.ts";
import { memberLooks, membersWish } from "./members.ts";
import type { ClusterLooks } from "./observe.ts";
import { anotherServes, readersLeave } from "./readers.ts";
import { apiOf } from "./switchovers.ts";

interface Beside {
  readonly isToBeSet: boolean;
  readonly steps: readonly Step[];
  readonly seen: RestartSeen;
  readonly ways: readonly Way[];
}

/**
 * Copies anew what is of no use, where the spec lets that happen: one member at a time, recorded before. Else it says
 * so, and how a person does it. `steps`: what is planned besides; what is still to be put right on the member itself,
 * or in what Patroni was told, may be why it does not start.
 */
export function planReinit(
  desired: DesiredCluster,
  looks: ClusterLooks,
  { life, leader, voters }: MembersPlan,
  { isToBeSet, steps, seen, ways }: Beside,
): Pick<Plan, "steps" | "blockers"> {
  if (life !== "led" || leader === undefined) return { steps: [], blockers: [] };
  const { recorded, cluster } = desired.resolved;
  const broken = brokenMembers(membersWish(desired), factsOf(memberLooks(looks)), leader);
  const next = nextReinit(broken, {
    begun: afterReinit(recorded, desired, looks).reinit,
    isAllowed: cluster.spec.patroni.autoReinit === "enabled",
  });
  const { member } = next;
  const isHeldBack =
    isToBeSet ||
    voters?.certain === false ||
    steps.some(({ host, stage }) => host === member?.name && ["prepare", "services"].includes(stage));
  return {
    steps: member === undefined || isHeldBack ? [] : stepsFor(desired, member, { leader, broken, seen, ways }),
    blockers: next.refused.map((refused) => blockerOf(desired, refused)),
  };
}

function stepsFor(
  desired: DesiredCluster,
  { name, what, copy, triedAgain }: BrokenMember & { readonly copy: string },
  {
    leader,
    broken,
    seen,
    ways,
  }: Pick<Beside, "seen" | "ways"> & { readonly leader: string; readonly broken: readonly BrokenMember[] },
): readonly Step[] {
  const { name: resource, cluster, recorded } = desired.resolved;
  const { loopWait, retryTimeout } = patroniTimingOf(cluster);
  const others = anotherServes(seen, name);
  // One that left the history goes on serving what it has.
  const { drains, leave } = readersLeave(triedAgain ? [] : ways, others);
  const isRecorded = recorded.reinit?.member === name && recorded.reinit.copy === copy;
  const record: Step = {
    id: `controller/${resource}/reinit`,
    resource,
    host: undefined,
    stage: "record",
    impact: "none",
    change: { kind: "record-reinit", member: name, copy },
    because: "so that a copy that is of no use either is not followed by another",
  };
  return [
    ...(isRecorded ? [] : [record]),
    {
      id: `${name}/${resource}/reinit`,
      resource,
      host: name,
      stage: "services",
      ...noticing("restart", [NOTICES.replicaCopied(leader, triedAgain ? undefined : leave)]),
      because: `it ${what}, and spec.patroni.autoReinit is enabled`,
      budget: { group: `members of ${resource}`, atMost: 1, away: broken.map((one) => one.name) },
      after: [record.id],
      change: {
        kind: "reinit-member",
        member: name,
        url: desired.restApiUrl(name),
        leader,
        leaderUrl: desired.restApiUrl(leader),
        dataDirectory: dataDirectoryOf(cluster),
        copy,
        ...(drains.length === 0 ? {} : { readers: { drains, api: apiOf(desired, name) } }),
        // Two tries of Patroni's to start it.
        watchSeconds: 2 * (loopWait + retryTimeout),
      },
    },
  ];
}

function blockerOf(
  { resolved, scope }: DesiredCluster,
  { member, why }: { readonly member: BrokenMember; readonly why: string | undefined },
): Blocker {
  const { name, what, triedAgain } = member;
  const byHand = `patronictl -c ${PATRONI.config} reinit ${scope} ${name}`;
  return {
    resource: resolved.name,
    host: name,
    scope: "disruptive",
    reason: "ReplicaBroken",
    why: `it ${what}${why === undefined ? "" : `. pgha does not copy it anew by itself: it ${why}`}`,
    ...(triedAgain ? { mayPass: true } : {}),
    wayOut:
      `On ${name}: journalctl -u ${PATRONI.unit}; it and PostgreSQL's own log say why. If its data may be deleted ` +
      `and copied from the leader, on any member as root: ${byHand}` +
      (why === undefined ? " . To have pgha do such things: spec.patroni.autoReinit: enabled" : ""),
  };
}

/** What is recorded of a copy that was given up, once its member streams, or is one no more. */
export function afterReinit(before: RecordedFacts, desired: DesiredCluster, looks: ClusterLooks): RecordedFacts {
  const { reinit, ...others } = before;
  if (reinit === undefined) return before;
  const isMember = desired.members.some(({ name }) => name === reinit.member);
  const streams = [...looks.values()].some(
    (look) =>
      look.seen &&
      look.facts.sql?.inRecovery === false &&
      look.facts.sql.replication.some(({ name, state }) => name === reinit.member && state === "streaming"),
  );
  return streams || !isMember ? others : before;
}

import { factsOf as memberFactsOf } from "../../plan/member-facts.ts";
import { judgeReplicas } from "../../plan/failover.ts";
import type { MembersPlan } from "../../plan/members.ts";
import type { RestartSeen } from "../../plan/operations/restart.ts";
import { wouldStop } from "../../plan/operations/restart-order.ts";
import { bestFirst } from "../../plan/operations/switchover.ts";
import type { SwitchoverMember, SwitchoverSeen, Way } from "../../plan/operations/switchover.ts";
import { list } from "../../text/words.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";
import { memberLooks, membersWish } from "./members.ts";
import { factsOf } from "./restart-seen.ts";

/** What a switchover goes by, out of one look at the whole stack. */
export function switchoverSeen(
  desired: DesiredCluster,
  looks: ClusterLooks,
  life: MembersPlan,
  { restart, ways }: { readonly restart: RestartSeen; readonly ways: readonly Way[] },
): SwitchoverSeen {
  const { leader, voters } = life;
  return {
    leader: life.life === "led" ? leader : undefined,
    members: leader === undefined ? [] : candidatesOf(desired, looks, leader, restart),
    hindrance: restart.isPaused
      ? "Patroni is paused: it changes no roles"
      : voters?.certain === false
        ? "there is no quorum, so nobody could take over"
        : undefined,
    ways,
  };
}

/** Names of those who could take the lead over now, the best first. */
export function candidateNames({ leader, members, hindrance }: SwitchoverSeen): readonly string[] {
  return leader === undefined || hindrance !== undefined ? [] : bestFirst(members, leader).map(({ name }) => name);
}

function candidatesOf(
  desired: DesiredCluster,
  looks: ClusterLooks,
  leader: string,
  restart: RestartSeen,
): readonly SwitchoverMember[] {
  const facts = memberFactsOf(memberLooks(looks));
  const judged = new Map(judgeReplicas(membersWish(desired), facts, leader).map((one) => [one.name, one.whyNot]));
  const standbys = factsOf(looks, leader)?.sql?.replication ?? [];
  return restart.members.map((member): SwitchoverMember => {
    const { name, state, lagBytes } = member;
    const stopped = wouldStop(member, restart.members).map((other) => other.name);
    const standby = standbys.find((one) => one.name === name);
    return {
      name,
      whyNot:
        judged.get(name) ??
        (stopped.length > 0 && name !== leader
          ? `runs with settings for more than ${list(stopped)}, which would stop replaying from it`
          : undefined),
      isComing: state === "coming",
      isReader: state === "up" && name !== leader,
      isSynchronous: standby?.syncState === "sync" || standby?.syncState === "quorum",
      // What differs by less is as near: a choice should not change from look to look.
      lagBytes: Math.floor((lagBytes ?? 0) / MEBIBYTE) * MEBIBYTE,
      priority: desired.resolved.cluster.spec.hosts.find((host) => host.name === name)?.failoverPriority ?? 1,
    };
  });
}

const MEBIBYTE = 1_048_576;

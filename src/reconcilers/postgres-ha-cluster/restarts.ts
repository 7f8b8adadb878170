import { PATRONI, PGBOUNCER } from "../../desired/services.ts";
import { dataDirectoryOf } from "../../api/index.ts";
import { NOTICES } from "../../plan/notices.ts";
import { foreseen, nextRestart } from "../../plan/operations/restart.ts";
import type { RestartSeen } from "../../plan/operations/restart.ts";
import { isPending } from "../../plan/operations/restart-order.ts";
import { formerPooler } from "../../plan/operations/switchover.ts";
import type { Way } from "../../plan/operations/switchover.ts";
import type { RestartIntent, Turn } from "../../plan/operations/restart-order.ts";
import type { MembersPlan } from "../../plan/members.ts";
import type { Blocker, Plan, Step, Wait } from "../../plan/plan.ts";
import type { RecordedOperation } from "../../state/index.ts";
import { askedAt } from "../restart-leave.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";
import { factsOf, restartSeen } from "./restart-seen.ts";
import { leaderRole } from "./leader-role.ts";
import { movedInstead } from "./moves.ts";
import { anotherServes, readersLeave } from "./readers.ts";
import { apiOf, switchoverStep } from "./switchovers.ts";

type Restarts = Pick<Plan, "steps" | "waits" | "blockers">;
type Members = RecordedOperation["members"];

/** Two rounds of Patroni's loop and more, or what a standby takes to replay and catch up. */
const DEADLINE_SECONDS = 300;

interface Before {
  readonly seen: RestartSeen;
  /** Settings are to be given to Patroni before. */
  readonly isToBeSet: boolean;
  /** Ids of what comes before. */
  readonly before: readonly string[];
  readonly ways: readonly Way[];
}

/**
 * Restarts of members as far as they are let happen: all that are foreseen, in their order, each after a look at the
 * one before; and what waits for one that nobody let happen.
 */
export function planRestarts(
  desired: DesiredCluster,
  looks: ClusterLooks,
  life: MembersPlan,
  { seen, isToBeSet, before, ways }: Before,
): Restarts {
  const decided = membersOf(desired, seen);
  const intent = intentOf(decided);
  const pending = isToBeSet ? [] : pendingBlockers(desired, seen, intent);
  // Without what is to be in force, a restart brings nothing.
  if (life.life !== "led" || (isToBeSet && before.length === 0)) return { steps: [], waits: [], blockers: pending };
  const turns = foreseen(seen, intent);
  const next = nextRestart(seen, intent, isToBeSet);
  const isToCome = seen.members.some((member) => member.isToCome === true && member.name in intent);
  // What is refused, or has its image still to come, is not decided: it would come as a surprise once it may.
  const record = next.kind === "refused" || isToCome ? [] : recordStep(desired, decided);
  return {
    steps: [
      ...record,
      ...turnSteps(desired, looks, turns, { seen, ways, before: [...before, ...record.map(({ id }) => id)] }),
    ],
    waits: [...(next.kind === "wait" ? [waitFor(desired, next)] : []), ...formerWait(desired, turns, ways)],
    // That it is paused is said by itself, and holds it.
    blockers: [...pending, ...(next.kind === "refused" && !seen.isPaused ? [refusal(desired, next)] : [])],
  };
}

/** Before another member comes to lead, all clients of poolers have to be such as can be made to wait. */
function formerWait(
  { resolved: { name: resource } }: DesiredCluster,
  turns: readonly Turn[],
  ways: readonly Way[],
): readonly Wait[] {
  const former = turns.some(({ to }) => to !== undefined) ? formerPooler(ways) : undefined;
  if (former === undefined) return [];
  const wayOut = `To have it end now, there as root: systemctl stop ${PGBOUNCER.former.unit}`;
  const { for: what, seconds } = former;
  return [{ resource, reason: "FormerPoolerServes", for: what, holds: "settle", deadlineSeconds: seconds, wayOut }];
}

/** Whether a look shows that a decided operation has nothing left to do. */
export function isOver(
  operation: RecordedOperation,
  desired: DesiredCluster,
  looks: ClusterLooks,
  life: MembersPlan,
): boolean {
  return nextRestart(restartSeen(desired, looks, life), intentOf(operation.members)).kind === "done";
}

/** Who is to restart: as it was decided before, with whom what may begin now adds to it. */
function membersOf({ resolved }: DesiredCluster, { members }: RestartSeen): Members {
  const { operation } = resolved.recorded;
  const begin = resolved.restarts?.begin;
  const decided = operation?.id === resolved.restarts?.withdrawn ? [] : (operation?.members ?? []);
  const before = decided.filter(({ name }) => members.some((member) => member.name === name));
  if (begin === undefined) return before;
  const added = members
    .filter((member) => begin.members?.includes(member.name) !== false && (begin.asked || isPending(member)))
    .filter(({ name }) => !before.some((known) => known.name === name && (known.asked || !begin.asked)))
    .map(({ name, postmaster }) => ({ name, asked: begin.asked, ...(postmaster === undefined ? {} : { postmaster }) }));
  return [...before.filter(({ name }) => !added.some((other) => other.name === name)), ...added];
}

function intentOf(members: Members): RestartIntent {
  return Object.fromEntries(
    members.map(({ name, asked, postmaster }) => [name, asked ? { asked: postmaster ?? "" } : {}]),
  );
}

/** Written before anything else, once it is known of each which process is to go. */
function recordStep({ resolved }: DesiredCluster, members: Members): readonly Step[] {
  const { name, recorded, restarts } = resolved;
  const isKnown = members.every(({ asked, postmaster }) => !asked || postmaster !== undefined);
  // What an annotation asks for is met also where nothing waits: it is not to be taken for what waits later.
  const isNew =
    members.some((member) => recorded.operation?.members.includes(member) !== true) ||
    (restarts?.begin !== undefined &&
      askedAt(restarts.begin) !== undefined &&
      recorded.operation?.id !== restarts.begin.id);
  if (!isNew || !isKnown || restarts?.begin === undefined) return [];
  return [
    {
      id: `controller/${name}/restart`,
      resource: name,
      host: undefined,
      stage: "record",
      impact: "none",
      change: { kind: "record-operation", id: restarts.begin.id, operation: "restart", members },
      because: "so that it goes on after an interruption, and nobody is restarted twice",
    },
  ];
}

function turnSteps(
  desired: DesiredCluster,
  looks: ClusterLooks,
  turns: readonly Turn[],
  { seen, before, ways }: Omit<Before, "isToBeSet">,
): readonly Step[] {
  const { name: resource, cluster } = desired.resolved;
  const moved = movedInstead(desired, looks);
  const away = seen.members.filter(({ state }) => state !== "up").map(({ name }) => name);
  // Counted from the end, so that an id stays what it is while those before it are done.
  const ids = turns.map(({ member, to }, index) => {
    if (to !== undefined) return `${member.name}/${resource}/switchover to ${to}`;
    const more = turns.slice(index + 1).filter((later) => later.member.name === member.name).length;
    return `${member.name}/${resource}/restart${more === 0 ? "" : `, ${more} more to come`}`;
  });
  return turns.map(({ member, because, settings, to }, index): Step => {
    const { name, leads, postmaster = "", upgrades = [] } = member;
    const after = [...before, ...ids.slice(Math.max(0, index - 1), index)];
    if (to !== undefined) {
      const step = switchoverStep(desired, { from: name, to, ways, others: anotherServes(seen, to), restarts: true });
      return {
        ...step,
        because: because.join(", "),
        after,
        budget: { group: `members of ${resource}`, atMost: 1, away },
      };
    }
    const facts = factsOf(looks, name);
    const isWhole = member.olderService !== undefined;
    const { drains, leave } = readersLeave(leads ? [] : ways, anotherServes(seen, name));
    const { impact, words } = leads ? NOTICES.leaderRestarts(isWhole) : NOTICES.replicaRestarts(leave);
    return {
      id: ids[index] ?? "",
      resource,
      host: name,
      stage: "settle",
      impact,
      noticed: words,
      because: because.join(", "),
      budget: { group: `members of ${resource}`, atMost: 1, away },
      after,
      change: moved({
        kind: "restart-member",
        member: name,
        url: desired.restApiUrl(name),
        role: leads ? leaderRole(facts) : "replica",
        onlyPending: settings.length > 0 && facts?.patroni.member?.pendingRestart === true,
        dataDirectory: dataDirectoryOf(cluster),
        postmaster,
        ...(isWhole ? { unit: PATRONI.unit } : {}),
        ...(upgrades.length === 0 ? {} : { upgrades }),
        ...(drains.length === 0 ? {} : { readers: { drains, api: apiOf(desired, name) } }),
        startSeconds: Math.max(LEAST_START_SECONDS, cluster.spec.patroni.primaryStartTimeout),
      }),
    };
  });
}

/** With primaryStartTimeout 0 a crashed leader is given up at once; one that is restarted is not. */
const LEAST_START_SECONDS = 60;

function waitFor({ resolved }: DesiredCluster, next: { readonly member: string; readonly for: string }): Wait {
  return {
    resource: resolved.name,
    host: next.member,
    reason: "RestartWaits",
    for: next.for,
    holds: "settle",
    deadlineSeconds: DEADLINE_SECONDS,
    wayOut:
      `On ${next.member}: journalctl -u patroni, and PostgreSQL's own log. What is left of the restart ` +
      "goes on at the next run.",
  };
}

function refusal(
  { resolved }: DesiredCluster,
  { member, why, wayOut }: { readonly member: string; readonly why: string; readonly wayOut: string },
): Blocker {
  return {
    resource: resolved.name,
    host: member,
    scope: "disruptive",
    reason: "RestartRefused",
    why: `it is not restarted now: ${why}`,
    wayOut,
  };
}

/** What waits for a restart that nobody let happen. It is in nobody's way. */
function pendingBlockers({ resolved }: DesiredCluster, seen: RestartSeen, intent: RestartIntent): readonly Blocker[] {
  return seen.members
    .filter((member) => isPending(member) && !(member.name in intent))
    .map(({ name, pending, older, olderService }) => ({
      resource: resolved.name,
      host: name,
      scope: "nothing",
      reason: "PendingRestart",
      why: [
        ...(pending.length === 0
          ? []
          : [`PostgreSQL needs a restart for ${pending.map(({ words }) => words).join(", ")} to take effect`]),
        ...[older, olderService].filter((words) => words !== undefined),
      ].join("; "),
      wayOut: resolved.restarts?.wayOut ?? "",
    }));
}

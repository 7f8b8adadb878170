import type { PostgresHACluster } from "../../api/index.ts";
import type { FactSet } from "../../facts/fact.ts";
import type { Blocker } from "../../plan/plan.ts";
import type { RecordedFacts } from "../../state/index.ts";
import { isPrimary } from "../../plan/member-facts.ts";
import { planMembers } from "../../plan/members.ts";
import { isSwitched } from "../../plan/operations/switchover.ts";
import { isOut, whatItDoes } from "../../plan/undeclared-members.ts";
import { PATRONI } from "../../desired/services.ts";
import { imageQuestion } from "../container.ts";
import { formerPoolQuestion } from "../former-pools.ts";
import { recordHosts } from "../record-hosts.ts";
import type { Context, Looks, Reconcilable } from "../reconciler.ts";
import { targetsOf } from "../targets.ts";
import { desireCluster } from "./desire.ts";
import { secretsToKeep } from "./keep-verifiers.ts";
import type { DesiredCluster } from "./desire.ts";
import { declaredOnce } from "./no-longer-declared.ts";
import { questionsFor } from "./observe.ts";
import type { ClusterLooks } from "./observe.ts";
import { memberLooks, membersWish } from "./members.ts";
import { planCluster } from "./plan.ts";
import { recordNames, withResolvedNames } from "./resolved-names.ts";
import { reportCluster } from "./report.ts";
import { askedAt } from "../restart-leave.ts";
import { returnRecorded } from "./returning.ts";
import { resolveCluster } from "./resolve.ts";
import { isOver } from "./restarts.ts";
import { afterReinit } from "./reinit.ts";
import { afterSwitchover } from "./switchovers.ts";

/** A PostgresHACluster, ready to be looked at and planned for. Not at all while its Secrets cannot be used. */
export function postgresHACluster(
  cluster: PostgresHACluster,
  context: Context,
): { readonly reconcilable?: Reconcilable; readonly blockers: readonly Blocker[] } {
  const { resolved, blockers } = resolveCluster(cluster, context);
  if (resolved === undefined) return { blockers };
  const desired = desireCluster(resolved);
  const knowing = withResolvedNames(desired);
  return {
    blockers: [],
    reconcilable: {
      resource: cluster,
      name: resolved.name,
      targets: targetsOf(cluster),
      questions: new Map(
        desired.members.map((member): [string, FactSet] => [
          member.name,
          {
            ...(questionsFor(desired, member) as FactSet),
            ...imageQuestion(resolved.ground, PATRONI.container),
            ...formerPoolQuestion(resolved.formerPools),
          },
        ]),
      ),
      material: { credentials: resolved.credentials, postgresqlPort: cluster.spec.postgresql.port },
      secretWishes: resolved.secretWishes,
      plan: (looks, others) => planCluster(knowing(typed(looks)), typed(looks), others),
      left: (looks) => leftMembers(desired, typed(looks)),
      report: (looks, plan, others) => reportCluster(knowing(typed(looks)), typed(looks), plan, others?.writesGoTo),
      keep: (looks) => secretsToKeep(desired, typed(looks)),
      record: (looks, before) => record(cluster, knowing(typed(looks)), typed(looks), before),
    },
  };
}

/** The engine carries looks without knowing their shape; it is the one of the questions above. */
function typed(looks: Looks): ClusterLooks {
  return looks as unknown as ClusterLooks;
}

/** Who still votes, or may, is not to be forgotten: the DCS would wait for it, and nobody would know why. */
function leftMembers(desired: DesiredCluster, looks: ClusterLooks): ReturnType<Reconcilable["left"]> {
  const { undeclared } = planMembers(membersWish(desired), memberLooks(looks));
  return undeclared
    .filter((member) => member.recorded)
    .map((member) => ({ name: member.name, inUse: isOut(member) ? undefined : whatItDoes(member) }));
}

/** The system identifier is recorded from the first leader seen, and with it that the first bootstrap succeeded. */
function record(
  cluster: PostgresHACluster,
  desired: DesiredCluster,
  looks: ClusterLooks,
  before: RecordedFacts,
): RecordedFacts {
  const leader = [...memberLooks(looks).values()].flatMap((look) =>
    look.seen && isPrimary(look.facts) ? [look.facts] : [],
  )[0];
  const systemId = before.systemId ?? leader?.patroni.member?.systemId;
  const declared = declaredOnce(desired.databases, leader?.sql, before.declared);
  const { names: _, ...others } = before;
  const { withdrawn } = desired.resolved.switchover;
  const leads = planMembers(membersWish(desired), memberLooks(looks));
  return {
    ...afterSwitchover(
      afterReinit(afterOperation(others, desired, looks), desired, looks),
      withdrawn,
      (intent) => leads.life === "led" && leads.leader !== undefined && isSwitched(intent, leads.leader),
    ),
    // Before there is a cluster nobody is let in, and a name may still be mended.
    ...(systemId === undefined ? {} : recordNames(desired.names)),
    ...(declared === undefined ? {} : { declared }),
    hosts: recordHosts(cluster, before, looks, true),
    ...(systemId === undefined ? {} : { systemId }),
    ...(systemId === undefined || before.bootstrapIntent === undefined
      ? {}
      : { bootstrapIntent: { ...before.bootstrapIntent, outcome: "succeeded" as const } }),
  };
}

/** An operation is over once a look shows it: what was asked for by annotation is not done again. */
function afterOperation(before: RecordedFacts, desired: DesiredCluster, looks: ClusterLooks): RecordedFacts {
  const { operation, ...others } = before;
  if (operation === undefined) return before;
  if (operation.id === desired.resolved.restarts?.withdrawn) return others;
  const life = planMembers(membersWish(desired), memberLooks(looks));
  if (life.life !== "led" || !isOver(operation, desired, looks, life)) return before;
  const restartedAt = askedAt(operation);
  return {
    ...others,
    ...(others.switchover === undefined ? returnRecorded(desired, life.leader, operation.since) : {}),
    ...(restartedAt === undefined ? {} : { restartedAt }),
  };
}

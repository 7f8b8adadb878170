import type { PostgresHACluster } from "../../api/index.ts";
import type { FactSet } from "../../facts/fact.ts";
import type { Blocker } from "../../plan/plan.ts";
import type { RecordedFacts } from "../../state/index.ts";
import { isPrimary } from "../../plan/member-facts.ts";
import { recordHosts } from "../record-hosts.ts";
import type { Context, Looks, Reconcilable } from "../reconciler.ts";
import { targetsOf } from "../targets.ts";
import { desireCluster } from "./desire.ts";
import { secretsToKeep } from "./keep-verifiers.ts";
import { questionsFor } from "./observe.ts";
import type { ClusterLooks } from "./observe.ts";
import { memberLooks, planCluster } from "./plan.ts";
import { reportCluster } from "./report.ts";
import { resolveCluster } from "./resolve.ts";

/** A PostgresHACluster, ready to be looked at and planned for. Not at all while its Secrets cannot be used. */
export function postgresHACluster(
  cluster: PostgresHACluster,
  context: Context,
): { readonly reconcilable?: Reconcilable; readonly blockers: readonly Blocker[] } {
  const { resolved, blockers } = resolveCluster(cluster, context);
  if (resolved === undefined) return { blockers };
  const desired = desireCluster(resolved);
  return {
    blockers: [],
    reconcilable: {
      resource: cluster,
      name: resolved.name,
      targets: targetsOf(cluster),
      questions: new Map(desired.members.map((member) => [member.name, questionsFor(desired, member) as FactSet])),
      material: { credentials: resolved.credentials, postgresqlPort: cluster.spec.postgresql.port },
      secretWishes: resolved.secretWishes,
      plan: (looks) => planCluster(desired, typed(looks)),
      report: (looks, plan) => reportCluster(desired, typed(looks), plan),
      record: (looks, before) => record(typed(looks), before),
      keep: (looks) => secretsToKeep(desired, typed(looks)),
    },
  };
}

/** The engine carries looks without knowing their shape; it is the one of the questions above. */
function typed(looks: Looks): ClusterLooks {
  return looks as unknown as ClusterLooks;
}

/** The system identifier is recorded from the first leader seen, and with it that the first bootstrap succeeded. */
function record(looks: ClusterLooks, before: RecordedFacts): RecordedFacts {
  const leader = [...memberLooks(looks).values()].flatMap((look) =>
    look.seen && isPrimary(look.facts) ? [look.facts] : [],
  )[0];
  const systemId = before.systemId ?? leader?.patroni.member?.systemId;
  return {
    ...before,
    hosts: recordHosts(before, looks, true),
    ...(systemId === undefined ? {} : { systemId }),
    ...(systemId === undefined || before.bootstrapIntent === undefined
      ? {}
      : { bootstrapIntent: { ...before.bootstrapIntent, outcome: "succeeded" as const } }),
  };
}

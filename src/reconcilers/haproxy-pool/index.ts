import type { HAProxyPool } from "../../api/index.ts";
import type { FactSet } from "../../facts/fact.ts";
import type { Blocker } from "../../plan/plan.ts";
import { recordHosts } from "../record-hosts.ts";
import type { Context, Looks, Reconcilable } from "../reconciler.ts";
import { targetsOf } from "../targets.ts";
import { desireHAProxyPool } from "./desire.ts";
import { questionsFor } from "./observe.ts";
import type { HAProxyLooks } from "./observe.ts";
import { planHAProxyPool } from "./plan.ts";
import { reportHAProxyPool } from "./report.ts";
import { resolveHAProxyPool } from "./resolve.ts";

/** An HAProxyPool, ready to be looked at and planned for. */
export function haproxyPool(
  pool: HAProxyPool,
  context: Context,
): { readonly reconcilable?: Reconcilable; readonly blockers: readonly Blocker[] } {
  const { resolved, blockers } = resolveHAProxyPool(pool, context);
  if (resolved === undefined) return { blockers };
  const desired = desireHAProxyPool(resolved);
  return {
    blockers,
    reconcilable: {
      resource: pool,
      name: resolved.name,
      targets: targetsOf(pool),
      questions: new Map(desired.hosts.map((host) => [host.name, questionsFor(desired, host) as FactSet])),
      material: { credentials: resolved.credentials, postgresqlPort: resolved.cluster.spec.postgresql.port },
      secretWishes: [],
      plan: (looks, word) => planHAProxyPool(desired, typed(looks), word),
      report: (looks, plan, word) => reportHAProxyPool(desired, typed(looks), plan, word),
      record: (looks, before) => ({
        ...before,
        hosts: recordHosts(before, typed(looks), pool.spec.dataVolume !== undefined),
      }),
    },
  };
}

/** The engine carries looks without knowing their shape; it is the one of the questions above. */
function typed(looks: Looks): HAProxyLooks {
  return looks as unknown as HAProxyLooks;
}

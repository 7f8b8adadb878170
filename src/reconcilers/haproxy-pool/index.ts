import { HAPROXY } from "../../desired/services.ts";
import type { HAProxyPool } from "../../api/index.ts";
import type { FactSet } from "../../facts/fact.ts";
import type { Blocker } from "../../plan/plan.ts";
import { imageQuestion } from "../container.ts";
import { leftHosts } from "../left-hosts.ts";
import { leftBlockers, leftQuestion } from "../left-pool-hosts.ts";
import { recordHosts } from "../record-hosts.ts";
import type { Context, Looks, Reconcilable } from "../reconciler.ts";
import { targetsOf } from "../targets.ts";
import { desireHAProxyPool } from "./desire.ts";
import { questionsFor } from "./observe.ts";
import type { HAProxyLooks } from "./observe.ts";
import { planHAProxyPool, proxyWays, writesGoTo } from "./plan.ts";
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
  const { name, recorded } = resolved;
  const left = { name, pool, recorded, port: pool.spec.ports.write, unit: HAPROXY.unit };
  return {
    blockers,
    reconcilable: {
      resource: pool,
      name: resolved.name,
      targets: targetsOf(pool),
      questions: new Map(
        desired.hosts.map((host): [string, FactSet] => [
          host.name,
          {
            ...(questionsFor(desired, host) as FactSet),
            ...imageQuestion(resolved.ground, HAPROXY.container),
            ...leftQuestion(left),
          },
        ]),
      ),
      material: { credentials: resolved.credentials, postgresqlPort: resolved.cluster.spec.postgresql.port },
      secretWishes: [],
      plan: (looks, others) => {
        const plan = planHAProxyPool(desired, typed(looks), others?.cluster);
        return { ...plan, blockers: [...leftBlockers(left, looks), ...plan.blockers] };
      },
      left: () => leftHosts(pool, resolved.recorded).map(({ name }) => ({ name, inUse: undefined })),
      report: (looks, plan, others) => reportHAProxyPool(desired, typed(looks), plan, others?.cluster),
      writesGoTo: (looks) => writesGoTo(desired, typed(looks)),
      ways: (looks) => proxyWays(desired, typed(looks)),
      record: (looks, before) => ({
        ...before,
        hosts: recordHosts(pool, before, typed(looks), pool.spec.dataVolume !== undefined),
      }),
    },
  };
}

/** The engine carries looks without knowing their shape; it is the one of the questions above. */
function typed(looks: Looks): HAProxyLooks {
  return looks as unknown as HAProxyLooks;
}

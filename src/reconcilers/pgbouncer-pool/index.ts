import { PGBOUNCER } from "../../desired/services.ts";
import type { PgBouncerPool } from "../../api/index.ts";
import type { FactSet } from "../../facts/fact.ts";
import type { Blocker } from "../../plan/plan.ts";
import { imageQuestion } from "../container.ts";
import { leftHosts } from "../left-hosts.ts";
import { leftBlockers, leftQuestion } from "../left-pool-hosts.ts";
import { recordHosts } from "../record-hosts.ts";
import type { Context, Looks, Reconcilable } from "../reconciler.ts";
import { targetsOf } from "../targets.ts";
import { desirePgBouncerPool } from "./desire.ts";
import { questionsFor } from "./observe.ts";
import type { PgBouncerLooks } from "./observe.ts";
import { planPgBouncerPool, poolerWays } from "./plan.ts";
import { reportPgBouncerPool } from "./report.ts";
import { resolvePgBouncerPool } from "./resolve.ts";

/** A PgBouncerPool, ready to be looked at and planned for. */
export function pgbouncerPool(
  pool: PgBouncerPool,
  context: Context,
): { readonly reconcilable?: Reconcilable; readonly blockers: readonly Blocker[] } {
  const { resolved, blockers } = resolvePgBouncerPool(pool, context);
  if (resolved === undefined) return { blockers };
  const desired = desirePgBouncerPool(resolved);
  const { name, recorded } = resolved;
  const left = { name, pool, recorded, port: pool.spec.port, unit: PGBOUNCER.unit };
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
            ...imageQuestion(resolved.ground, PGBOUNCER.container),
            ...leftQuestion(left),
          },
        ]),
      ),
      material: { credentials: resolved.credentials, postgresqlPort: resolved.cluster.spec.postgresql.port },
      secretWishes: [],
      plan: (looks) => {
        const plan = planPgBouncerPool(desired, typed(looks));
        return { ...plan, blockers: [...leftBlockers(left, looks), ...plan.blockers] };
      },
      left: () => leftHosts(pool, resolved.recorded).map(({ name }) => ({ name, inUse: undefined })),
      report: (looks, plan) => reportPgBouncerPool(desired, typed(looks), plan),
      ways: (looks) => poolerWays(desired, typed(looks)),
      record: (looks, before) => ({
        ...before,
        hosts: recordHosts(pool, before, typed(looks), pool.spec.dataVolume !== undefined),
      }),
    },
  };
}

/** The engine carries looks without knowing their shape; it is the one of the questions above. */
function typed(looks: Looks): PgBouncerLooks {
  return looks as unknown as PgBouncerLooks;
}

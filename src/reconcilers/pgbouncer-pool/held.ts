import { PGBOUNCER } from "../../desired/services.ts";
import type { PgBouncerFact } from "../../facts/types.ts";
import type { Blocker } from "../../plan/plan.ts";
import { nameOf } from "../stack.ts";
import type { DesiredPgBouncer, DesiredPooler } from "./desire.ts";

/**
 * What takes back what was asked for at the console: https://www.pgbouncer.org/usage.html#process-controlling-commands
 */
const MEND = { paused: "RESUME", disabled: "ENABLE", suspended: "RESUME" } as const;

/**
 * A pooler that somebody paused, suspended, or closed a database of: its clients wait or are refused while everything
 * runs. pgha does not take it back, since somebody may be in the middle of something.
 */
export function heldPools(
  desired: DesiredPgBouncer,
  pooler: DesiredPooler,
  pgbouncer: PgBouncerFact | undefined,
): readonly Blocker[] {
  const held = pgbouncer?.held ?? [];
  if (held.length === 0) return [];
  const { name, pool, cluster } = desired.resolved;
  const what = held.map(({ how, database }) => `${database ?? "all of it"} is ${how}`).join(", ");
  const commands = held.map(
    ({ how, database }) => `-c '${MEND[how]}${database === undefined ? "" : ` "${database}"`}'`,
  );
  return [
    {
      resource: name,
      host: pooler.name,
      scope: "disruptive",
      outOf: nameOf(cluster),
      reason: "PoolerHeld",
      why: `somebody stopped PgBouncer at its console: ${what}; clients of it wait or are refused`,
      wayOut:
        `When that is over, on ${pooler.name} as root: setpriv --reuid postgres --regid postgres ` +
        `--init-groups -- psql -h ${PGBOUNCER.socketDirectory} -p ${pool.spec.port} -U pgbouncer -d ` +
        `pgbouncer ${[...new Set(commands)].join(" ")}`,
    },
  ];
}

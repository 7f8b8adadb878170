import { PGBOUNCER } from "../../desired/services.ts";
import type { PgBouncerFact } from "../../facts/types.ts";
import type { Blocker } from "../../plan/plan.ts";
import { nameOf } from "../stack.ts";
import type { DesiredPgBouncer, DesiredPooler } from "./desire.ts";

/**
 * What takes back what was asked for at the console: https://www.pgbouncer.org/usage.html#process-controlling-commands
 */
const MEND = { paused: "RESUME", disabled: "ENABLE", suspended: "RESUME" } as const;

/** What a person holds there: not what pgha itself paused, for as long as a switchover takes. */
export function heldByPerson(pgbouncer: PgBouncerFact | undefined): NonNullable<PgBouncerFact["held"]> {
  const { held = [], leased } = pgbouncer ?? {};
  return leased === true ? held.filter(({ how, database }) => how !== "paused" || database !== undefined) : held;
}

/** Whether its clients wait because of pgha: by a pause that outlived whoever was to end it. */
export function isLeftPaused(pgbouncer: PgBouncerFact | undefined): boolean {
  // A PgBouncer before 1.20 does not tell of a pause of all of it.
  return pgbouncer?.leased === true;
}

/**
 * A pooler that somebody paused, suspended, or closed a database of: its clients wait or are refused while everything
 * runs. pgha does not take it back, since somebody may be in the middle of something.
 */
export function heldPools(
  desired: DesiredPgBouncer,
  pooler: DesiredPooler,
  pgbouncer: PgBouncerFact | undefined,
): readonly Blocker[] {
  const held = heldByPerson(pgbouncer);
  if (held.length === 0) return [];
  const { name, pool, cluster } = desired.resolved;
  const what = held.map(({ how, database }) => `${database ?? "all of it"} is ${how}`).join(", ");
  const commands = held.map(
    ({ how, database }) => `-c '${MEND[how]}${database === undefined ? "" : ` "${database}"`}'`,
  );
  const { socketDirectory, container } = PGBOUNCER;
  const words = [...new Set(commands)].join(" ");
  const typed =
    pool.spec.runtime === "container"
      ? `docker exec ${container.name} psql -h ${socketDirectory} -p ${pool.spec.port} -U pgbouncer ` +
        `-d pgbouncer ${words}`
      : `setpriv --reuid postgres --regid postgres --init-groups -- psql -h ${socketDirectory} -p ${pool.spec.port} ` +
        `-U pgbouncer -d pgbouncer ${words}`;
  return [
    {
      resource: name,
      host: pooler.name,
      scope: "disruptive",
      outOf: nameOf(cluster),
      reason: "PoolerHeld",
      why: `somebody stopped PgBouncer at its console: ${what}; clients of it wait or are refused`,
      wayOut: `When that is over, on ${pooler.name} as root: ${typed}`,
    },
  ];
}

import { PGBOUNCER } from "../desired/services.ts";
import { sh } from "../shell/command.ts";
import type { Fact } from "./fact.ts";

/** Ports that pgha's PgBouncer has there now, the process before the one that runs among them; by its sockets. */
export function poolerPortsFact(isAsked: boolean): Fact<readonly number[]> {
  if (!isAsked) return { command: sh`true`, parse: () => [] };
  const { socketDirectory, former } = PGBOUNCER;
  return {
    command: sh`for x in ${socketDirectory}/.s.PGSQL.* ${former.socketDirectory}/.s.PGSQL.*; do
  [ ! -S "$x" ] || echo "\${x##*.}"
done`,
    parse: ({ stdout }) => [
      ...new Set(stdout.split("\n").flatMap((line) => (/^\d+$/.test(line) ? [Number(line)] : []))),
    ],
  };
}

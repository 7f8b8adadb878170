import { entryOf } from "../entry-of.ts";

/** Extensions whose settings start with another word than their name, and others that are often met, by that word. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  age: "age",
  anon: "anon",
  bdr: "bdr",
  citus: "citus",
  cron: "pg_cron",
  orafce: "orafce",
  pg_hint_plan: "pg_hint_plan",
  pg_partman_bgw: "pg_partman_bgw",
  pg_qualstats: "pg_qualstats",
  pg_stat_kcache: "pg_stat_kcache",
  pg_stat_monitor: "pg_stat_monitor",
  pg_wait_sampling: "pg_wait_sampling",
  pgaudit: "pgaudit",
  pglogical: "pglogical",
  pgsodium: "pgsodium",
  plperl: "plperl",
  pltcl: "pltcl",
  plv8: "plv8",
  postgis: "postgis",
  powa: "powa",
  rum: "rum",
  set_user: "set_user",
  squeeze: "pg_squeeze",
  timescaledb: "timescaledb",
};

/** Libraries that do nothing unless they are preloaded. The others are loaded when they are used. */
export const WANTS_PRELOADING: ReadonlySet<string> = new Set([
  "auth_delay",
  "auto_explain",
  "cron",
  "pg_prewarm",
  "pg_stat_statements",
  "pgaudit",
]);

/** First words that settings of known extensions have, besides those in the table. */
export const KNOWN_PREFIXES: readonly string[] = Object.keys(ELSEWHERE);

/** The library that the settings with this first word are of. */
export function libraryOf(prefix: string): string {
  return entryOf(ELSEWHERE, prefix) ?? prefix;
}

/** Roles that pgha makes for itself. Nobody declares them. */
export const SYSTEM_ROLES = {
  superuser: "postgres",
  replication: "replicator",
  rewind: "rewind_user",
  /** May use PgBouncer's admin console. Known to PgBouncer alone. */
  pgbouncerAdmin: "pgbouncer_admin",
  /** May read PgBouncer's figures at its console, for an exporter. Known to PgBouncer alone. */
  pgbouncerStats: "pgha_stats",
} as const;

/** Why a role may not have this name; undefined when it may. */
export function reservedRole(name: string): string | undefined {
  if (Object.values<string>(SYSTEM_ROLES).includes(name) || name.startsWith("pgha_"))
    return "pgha makes this role itself";
  if (name.startsWith("pg_")) return "PostgreSQL keeps names that start with pg_ for itself";
  if (ROLE_WORDS.has(name)) return "the word means something else where roles are named";
  return undefined;
}

/** Why a database may not have this name; undefined when it may. */
export function reservedDatabase(name: string): string | undefined {
  if (SYSTEM_DATABASES.has(name)) return "PostgreSQL makes this database itself";
  if (name === "pgbouncer") return "PgBouncer's admin console has this name";
  if (HBA_DATABASE_WORDS.has(name)) return "the word means something else in pg_hba.conf";
  return undefined;
}

// Keywords of GRANT and SET ROLE, of pg_hba.conf, and PgBouncer's own user.
const ROLE_WORDS: ReadonlySet<string> = new Set([
  "public",
  "none",
  "user",
  "current_user",
  "current_role",
  "session_user",
  "all",
  "pgbouncer",
]);
const SYSTEM_DATABASES: ReadonlySet<string> = new Set(["postgres", "template0", "template1"]);
// https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
const HBA_DATABASE_WORDS: ReadonlySet<string> = new Set(["all", "sameuser", "samerole", "samegroup", "replication"]);

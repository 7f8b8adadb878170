import { insideOf } from "../desired/container.ts";
import { PATRONI } from "../desired/services.ts";
import * as sql from "../render/sql.ts";
import { sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { findPsqlOf } from "../shell/psql.ts";
import type { Material } from "./material.ts";

/**
 * Runs statements on the leader through its socket, as the system user that PostgreSQL knows as its superuser. The
 * script goes through standard input: it may hold a verifier.
 */
export function runSql({ postgresqlPort }: Material, database: string, parts: readonly string[]): Command {
  const place = `dbname=${connectionValue(database)}`;
  const psql = sh`${findPsqlOf(insideOf(PATRONI.unit))}
$as "$psql" -X -q -v ON_ERROR_STOP=1 -h /var/run/postgresql -p ${postgresqlPort} -d ${place} -f -`;
  return withStdin(psql, sql.sqlScript(parts));
}

/** A value in a libpq connection string, so that a database called `a=b` is still a name. */
function connectionValue(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** The stored verifier, the same that poolers get (F66). A role without a login has none. */
export function verifierOf(role: string, { credentials }: Material): readonly string[] {
  const login = credentials.roles[role];
  return login === undefined ? [] : [sql.setVerifier(role, login.verifier.reveal())];
}

/** A change of PostgreSQL's own catalog that does not hold was taken back in there. */
export const UNDONE_IN_POSTGRESQL =
  "Somebody else sets it back in PostgreSQL (a migration, another tool?). Find out who, then run again.";

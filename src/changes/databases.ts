import { asPostgres, findPsql } from "../shell/psql.ts";
import * as sql from "../render/sql.ts";
import { sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChange } from "./change.ts";
import type { Material } from "./material.ts";

type ChangeOf<K extends HostChange["kind"]> = Extract<HostChange, { readonly kind: K }>;

/** All run on the leader through its socket, as the system user that PostgreSQL knows as its superuser. */

export function createRole({ role }: ChangeOf<"create-role">, material: Material): Command {
  return run(material, "postgres", [
    sql.createRole(role, { grant: role.memberOf, revoke: [] }),
    ...verifierOf(role.name, material),
  ]);
}

export function alterRole({ role, setVerifier, grant, revoke }: ChangeOf<"alter-role">, material: Material): Command {
  return run(material, "postgres", [
    sql.alterRole(role),
    sql.alterMemberships(role.name, { grant, revoke }),
    ...(setVerifier ? verifierOf(role.name, material) : []),
  ]);
}

export function createDatabase(
  { database, owner, encoding, locale, connectionLimit }: ChangeOf<"create-database">,
  material: Material,
): Command {
  return run(material, "postgres", [sql.createDatabase({ name: database, owner, encoding, locale, connectionLimit })]);
}

export function alterDatabase(
  { database, kind: _, ...changes }: ChangeOf<"alter-database">,
  material: Material,
): Command {
  return run(material, "postgres", [sql.alterDatabase(database, changes)]);
}

export function createExtension({ database, extension }: ChangeOf<"create-extension">, material: Material): Command {
  return run(material, database, [sql.createExtension(extension)]);
}

/** The stored verifier, the same that poolers get (F66). A role without a login has none. */
function verifierOf(role: string, { credentials }: Material): readonly string[] {
  const login = credentials.roles[role];
  return login === undefined ? [] : [sql.setVerifier(role, login.verifier.reveal())];
}

/** The script goes through standard input: it may hold a verifier. */
function run({ postgresqlPort }: Material, database: string, parts: readonly string[]): Command {
  const psql = sh`${findPsql}
${asPostgres} "$psql" -X -q -v ON_ERROR_STOP=1 -h /var/run/postgresql -p ${postgresqlPort} -d ${`dbname=${connectionValue(database)}`} -f -`;
  return withStdin(psql, sql.sqlScript(parts));
}

/** A value in a libpq connection string, so that a database called `a=b` is still a name. */
function connectionValue(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

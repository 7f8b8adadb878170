import { countFault } from "./faults.ts";
import { refuseFaults } from "./refusal.ts";
import { quoteIdentifier, quoteLiteral } from "./sql-quoting.ts";
import { verifierFault } from "./verifier.ts";

/**
 * Statements for `psql -X -v ON_ERROR_STOP=1` on standard input, run by the superuser. Each builder gives whole lines,
 * may be run again with the same end, and needs no transaction around it. Names are quoted, so psql finds neither a
 * variable nor a command in them.
 */

export interface SqlRole {
  readonly name: string;
  readonly login: boolean;
  readonly superuser: boolean;
  readonly createdb: boolean;
  readonly createrole: boolean;
  readonly inherit: boolean;
  readonly replication: boolean;
  readonly bypassrls: boolean;
  /** -1: no limit. */
  readonly connectionLimit: number;
}

export interface RoleGrants {
  /** Roles it becomes a member of. */
  readonly grant: readonly string[];
  /** Roles it is no longer a member of. */
  readonly revoke: readonly string[];
}

/** The settings a script starts with, then its parts. Use it once for all that goes to one psql. */
export function sqlScript(parts: readonly string[]): string {
  return [PREAMBLE, ...parts].join("");
}

const PREAMBLE = [
  "\\set ON_ERROR_STOP on",
  // The script is UTF-8, whatever the locale of the session that brings it.
  "SET client_encoding TO 'UTF8';",
  // Nothing waits for a synchronous replica that is not there yet; Patroni does the same for its own roles.
  "SET synchronous_commit TO 'local';",
  // No object that somebody put into a schema of theirs stands in for one of PostgreSQL's.
  "SET search_path TO pg_catalog;",
  "",
].join("\n");

/** Makes the role unless it is there, and gives it exactly these attributes and memberships. */
export function createRole(role: SqlRole, grants: RoleGrants): string {
  const missing = `SELECT FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(role.name)}`;
  return (
    unless(missing, `CREATE ROLE ${quoteIdentifier(role.name)}`) + alterRole(role) + alterMemberships(role.name, grants)
  );
}

/**
 * All attributes, so that the end is the same whatever they were.
 * https://www.postgresql.org/docs/current/sql-alterrole.html
 */
export function alterRole(role: SqlRole): string {
  refuseFaults("SQL", [["connectionLimit", limitFault(role.connectionLimit)]]);
  const attributes = ATTRIBUTES.map(([key, word]) => (role[key] ? word : `NO${word}`));
  return (
    `ALTER ROLE ${quoteIdentifier(role.name)} WITH ${attributes.join(" ")} CONNECTION LIMIT ` +
    `${role.connectionLimit};\n`
  );
}

const ATTRIBUTES = [
  ["login", "LOGIN"],
  ["superuser", "SUPERUSER"],
  ["createdb", "CREATEDB"],
  ["createrole", "CREATEROLE"],
  ["inherit", "INHERIT"],
  ["replication", "REPLICATION"],
  ["bypassrls", "BYPASSRLS"],
] as const satisfies readonly (readonly [keyof SqlRole, string])[];

/** GRANT and REVOKE of membership; both only give a notice when there is nothing to do. */
export function alterMemberships(role: string, { grant, revoke }: RoleGrants): string {
  return [
    ...grant.map((group) => `GRANT ${quoteIdentifier(group)} TO ${quoteIdentifier(role)};\n`),
    ...revoke.map((group) => `REVOKE ${quoteIdentifier(group)} FROM ${quoteIdentifier(role)};\n`),
  ].join("");
}

/**
 * Stores a SCRAM verifier as the role's password: PostgreSQL keeps one as it is
 * (https://www.postgresql.org/docs/current/sql-createrole.html). The statement is kept out of PostgreSQL's log, its
 * statistics and its list of sessions, and out of psql's messages: terse ones quote no statement.
 */
export function setVerifier(role: string, verifier: string): string {
  refuseFaults("SQL", [["verifier", verifierFault(verifier)]]);
  return [
    "\\set VERBOSITY terse",
    ...SILENT.map(([name, value]) => `SET ${name} TO ${value};`),
    `ALTER ROLE ${quoteIdentifier(role)} WITH PASSWORD ${quoteLiteral(verifier)};`,
    ...SILENT.map(([name]) => `RESET ${name};`),
    "\\set VERBOSITY default",
    "",
  ].join("\n");
}

const SILENT: readonly (readonly [string, string])[] = [
  ["log_statement", "'none'"],
  ["log_min_duration_statement", "-1"],
  ["log_min_duration_sample", "-1"],
  ["log_transaction_sample_rate", "0"],
  ["log_min_error_statement", "'panic'"],
  ["track_activities", "off"],
  // Placeholders where the extension is not loaded; a superuser may set them all the same.
  ["pg_stat_statements.track_utility", "off"],
  ["pgaudit.log", "'none'"],
];

export interface SqlDatabase {
  readonly name: string;
  readonly owner: string;
  readonly encoding: string;
  readonly locale: string;
  /** -1: no limit. */
  readonly connectionLimit: number;
}

/** Makes the database unless it is there. From template0: only that may have another encoding or locale. */
export function createDatabase(database: SqlDatabase): string {
  refuseFaults("SQL", [["connectionLimit", limitFault(database.connectionLimit)]]);
  const { name, owner, encoding, locale, connectionLimit } = database;
  const statement =
    `CREATE DATABASE ${quoteIdentifier(name)} OWNER ${quoteIdentifier(owner)} TEMPLATE template0 ` +
    `ENCODING ${quoteLiteral(encoding)} LOCALE ${quoteLiteral(locale)} CONNECTION LIMIT ${connectionLimit}`;
  return unless(`SELECT FROM pg_catalog.pg_database WHERE datname = ${quoteLiteral(name)}`, statement);
}

export function alterDatabase(
  name: string,
  changes: { readonly owner?: string; readonly connectionLimit?: number },
): string {
  const { owner, connectionLimit } = changes;
  refuseFaults("SQL", [["connectionLimit", connectionLimit === undefined ? undefined : limitFault(connectionLimit)]]);
  return [
    ...(owner === undefined ? [] : [`ALTER DATABASE ${quoteIdentifier(name)} OWNER TO ${quoteIdentifier(owner)};\n`]),
    ...(connectionLimit === undefined
      ? []
      : [`ALTER DATABASE ${quoteIdentifier(name)} WITH CONNECTION LIMIT ${connectionLimit};\n`]),
  ].join("");
}

/**
 * Creates an extension in the database that psql is connected to, with what it depends on. search_path says where its
 * objects go: without it they would land in a schema that is called like the superuser, if somebody made one.
 */
export function createExtension(extension: string): string {
  return [
    "SET search_path TO public;",
    `CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(extension)} CASCADE;`,
    "SET search_path TO pg_catalog;",
    "",
  ].join("\n");
}

/** Runs a statement when a query has no row. \gexec sends the text as it is, outside any transaction. */
function unless(query: string, statement: string): string {
  return `SELECT ${quoteLiteral(statement)} WHERE NOT EXISTS (${query}) \\gexec\n`;
}

function limitFault(limit: number): string | undefined {
  return limit === -1 ? undefined : countFault(limit);
}

import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { asBoolean, asNumber, asRecord, asRecords, asString, asStrings, defined, parseJson } from "./narrow.ts";
import { insideOf } from "../desired/container.ts";
import { PATRONI } from "../desired/services.ts";
import { findPsqlOf } from "../shell/psql.ts";
import { readHbaRules } from "./hba-rules.ts";
import { readHealth } from "./sql-health.ts";
import { sqlScript } from "./sql-script.ts";
import { settingFacts, writtenFacts } from "./sql-settings.ts";
import type { SqlDatabaseFact, SqlFact, SqlRoleFact } from "./types.ts";

export interface SqlQuestion {
  readonly port: number;
  /** Databases to look into for extensions; one that does not exist is skipped. */
  readonly databases: readonly string[];
  /** Settings of postgresql.conf to be told about, wherever their value comes from. */
  readonly parameters: readonly string[];
}

/** PostgreSQL over its local socket as superuser `postgres` (peer), read-only and bounded. Works on 13 to 18. */
export function sqlFact(question: SqlQuestion): Fact<SqlFact | undefined> {
  const command = sh`
${findPsqlOf(insideOf(PATRONI.unit))}
[ -S "$root"${`/run/postgresql/.s.PGSQL.${question.port}`} ] || exit 1
printf %s ${sqlScript(question)} |
  $as "$psql" -X -A -t -q -h /var/run/postgresql -p ${question.port} -U postgres -d postgres`;
  return { command, parse };
}

function parse({ stdout }: FactOutput): SqlFact | undefined {
  const [server, ...databases] = stdout
    .split("\n")
    .map((line) => asRecord(parseJson(line)))
    .filter((line) => line !== undefined);
  const inRecovery = asBoolean(server?.["inRecovery"]);
  if (server === undefined || inRecovery === undefined) {
    return undefined;
  }
  return defined({
    inRecovery,
    serverVersion: asNumber(server["serverVersion"]) ?? 0,
    roles: asRecords(server["roles"]).map(roleFact),
    databases: asRecords(server["databases"]).map((row) =>
      databaseFact(
        row,
        databases.filter((found) => found["database"] === row["name"]),
      ),
    ),
    replication: asRecords(server["replication"]).map((row) =>
      defined({
        name: asString(row["name"]) ?? "",
        state: asString(row["state"]) ?? "",
        lagBytes: asNumber(row["lagBytes"]),
        syncState: asString(row["syncState"]),
      }),
    ),
    pendingRestartSettings: asStrings(server["pendingRestartSettings"]),
    hba: readHbaRules(databases.find((line) => line["hba"] !== undefined)?.["hba"]),
    health: readHealth(server["health"]),
    ...(server["settings"] === undefined
      ? {}
      : { settings: settingFacts(server["settings"]), written: writtenFacts(server["written"]) }),
  });
}

function roleFact(row: Readonly<Record<string, unknown>>): SqlRoleFact {
  return {
    name: asString(row["name"]) ?? "",
    login: row["login"] === true,
    superuser: row["superuser"] === true,
    createdb: row["createdb"] === true,
    createrole: row["createrole"] === true,
    inherit: row["inherit"] === true,
    replication: row["replication"] === true,
    bypassrls: row["bypassrls"] === true,
    connectionLimit: asNumber(row["connectionLimit"]) ?? -1,
    memberOf: asStrings(row["memberOf"]),
    verifierDigest: asString(row["verifierDigest"]) ?? "",
  };
}

/** `found`: what was printed from inside the database, its extensions first, then the proof of `vector`. */
function databaseFact(
  row: Readonly<Record<string, unknown>>,
  found: readonly Readonly<Record<string, unknown>>[],
): SqlDatabaseFact {
  const extensions = asRecord(found.find((line) => line["extensions"] !== undefined)?.["extensions"]);
  const distance = asNumber(found.find((line) => line["distance"] !== undefined)?.["distance"]);
  return defined({
    name: asString(row["name"]) ?? "",
    owner: asString(row["owner"]) ?? "",
    connectionLimit: asNumber(row["connectionLimit"]) ?? -1,
    extensions:
      extensions === undefined
        ? undefined
        : Object.fromEntries(Object.entries(extensions).map(([name, version]) => [name, String(version)])),
    // The distance between (1,2) and (3,4) is the root of 8.
    vectorWorks:
      extensions?.["vector"] === undefined
        ? undefined
        : distance !== undefined && Math.abs(distance - Math.sqrt(8)) < 0.001,
  });
}

import * as sql from "../render/sql.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { runSql, UNDONE_IN_POSTGRESQL } from "./run-sql.ts";

export interface CreateDatabase {
  readonly kind: "create-database";
  readonly database: string;
  readonly owner: string;
  readonly encoding: string;
  readonly locale: string;
  readonly connectionLimit: number;
}

export const createDatabase: HostChangeKind<CreateDatabase> = {
  kind: "create-database",
  describe: ({ database, owner }) => `create database ${database} owned by ${owner}`,
  target: ({ database }) => database,
  action: "create",
  event: "DatabaseCreated",
  undoneBy: "nobody",
  undoneElsewhere: UNDONE_IN_POSTGRESQL,
  command: ({ database, owner, encoding, locale, connectionLimit }, material) =>
    runSql(material, "postgres", [sql.createDatabase({ name: database, owner, encoding, locale, connectionLimit })]),
  quick: true,
};

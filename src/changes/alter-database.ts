import * as sql from "../render/sql.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { runSql, UNDONE_IN_POSTGRESQL } from "./run-sql.ts";

export interface AlterDatabase {
  readonly kind: "alter-database";
  readonly database: string;
  readonly owner?: string;
  readonly connectionLimit?: number;
}

export const alterDatabase: HostChangeKind<AlterDatabase> = {
  kind: "alter-database",
  describe: ({ database, owner, connectionLimit }) => {
    const what = [
      ...(owner === undefined ? [] : [`owner ${owner}`]),
      ...(connectionLimit === undefined ? [] : [`connection limit ${connectionLimit}`]),
    ];
    return `alter database ${database}: ${what.join(", ")}`;
  },
  target: ({ database }) => database,
  action: "change",
  event: "DatabaseAltered",
  undoneBy: "nobody",
  undoneElsewhere: UNDONE_IN_POSTGRESQL,
  command: ({ database, kind: _, ...changes }, material) =>
    runSql(material, "postgres", [sql.alterDatabase(database, changes)]),
  quick: true,
};

import * as sql from "../render/sql.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { runSql, UNDONE_IN_POSTGRESQL } from "./run-sql.ts";

export interface CreateExtension {
  readonly kind: "create-extension";
  readonly database: string;
  readonly extension: string;
}

export const createExtension: HostChangeKind<CreateExtension> = {
  kind: "create-extension",
  describe: ({ database, extension }) => `create extension ${extension} in ${database}`,
  target: ({ database, extension }) => `${database}/${extension}`,
  action: "create",
  event: "ExtensionCreated",
  undoneBy: "nobody",
  undoneElsewhere: UNDONE_IN_POSTGRESQL,
  command: ({ database, extension }, material) => runSql(material, database, [sql.createExtension(extension)]),
  quick: true,
};

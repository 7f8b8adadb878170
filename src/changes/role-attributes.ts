import type { SqlRole } from "../render/sql.ts";

/** A role as CREATE ROLE knows it, with the roles it is a member of. */
export interface RoleAttributes extends SqlRole {
  readonly memberOf: readonly string[];
}

import * as sql from "../render/sql.ts";
import type { HostChangeKind } from "./change-kind.ts";
import type { RoleAttributes } from "./role-attributes.ts";
import { runSql, UNDONE_IN_POSTGRESQL, verifierOf } from "./run-sql.ts";

export interface CreateRole {
  readonly kind: "create-role";
  readonly role: RoleAttributes;
}

export const createRole: HostChangeKind<CreateRole> = {
  kind: "create-role",
  describe: ({ role }) => `create role ${role.name}`,
  target: ({ role }) => role.name,
  action: "create",
  event: "RoleCreated",
  undoneBy: "nobody",
  undoneElsewhere: UNDONE_IN_POSTGRESQL,
  command: ({ role }, material) =>
    runSql(material, "postgres", [
      sql.createRole(role, { grant: role.memberOf, revoke: [] }),
      ...verifierOf(role.name, material),
    ]),
  quick: true,
};

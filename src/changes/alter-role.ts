import * as sql from "../render/sql.ts";
import type { HostChangeKind } from "./change-kind.ts";
import type { RoleAttributes } from "./role-attributes.ts";
import { runSql, UNDONE_IN_POSTGRESQL, verifierOf } from "./run-sql.ts";

export interface AlterRole {
  readonly kind: "alter-role";
  readonly role: RoleAttributes;
  readonly differences: readonly string[];
  readonly setVerifier: boolean;
  readonly grant: readonly string[];
  readonly revoke: readonly string[];
}

export const alterRole: HostChangeKind<AlterRole> = {
  kind: "alter-role",
  describe: ({ role, differences, setVerifier, grant, revoke }) => {
    const what = [
      ...differences,
      ...(setVerifier ? ["password"] : []),
      ...grant.map((other) => `member of ${other}`),
      ...revoke.map((other) => `no longer member of ${other}`),
    ];
    return `alter role ${role.name}: ${what.join(", ")}`;
  },
  target: ({ role }) => role.name,
  action: "change",
  event: "RoleAltered",
  undoneBy: "nobody",
  undoneElsewhere: UNDONE_IN_POSTGRESQL,
  command: ({ role, setVerifier, grant, revoke }, material) =>
    runSql(material, "postgres", [
      sql.alterRole(role),
      sql.alterMemberships(role.name, { grant, revoke }),
      ...(setVerifier ? verifierOf(role.name, material) : []),
    ]),
  quick: true,
};

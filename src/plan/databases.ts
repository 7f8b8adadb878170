import type { Change } from "../changes/table.ts";
import type { RoleAttributes } from "../changes/role-attributes.ts";
import type { SqlDatabaseFact, SqlFact, SqlRoleFact } from "../facts/types.ts";
import { NOTICES, noticing } from "./notices.ts";
import type { Notice } from "./notices.ts";
import type { Step } from "./plan.ts";

export interface DatabasesWish {
  readonly resource: string;
  /** Where the statements run: the leader, or any member while there is none yet. */
  readonly host: string;
  /** A digest that is undefined: whatever verifier PostgreSQL has stays. */
  readonly roles: readonly (RoleAttributes & { readonly verifierDigest: string | undefined })[];
  readonly databases: readonly {
    readonly name: string;
    readonly owner: string;
    readonly connectionLimit: number;
    readonly extensions: readonly string[];
  }[];
  readonly encoding: string;
  readonly locale: string;
}

const NOTHING: Pick<SqlFact, "roles" | "databases"> = { roles: [], databases: [] };

/**
 * Steps that bring roles, databases and extensions to what is declared. What is not declared stays as it is: pgha
 * drops nothing. Roles come in an order in which memberships can be granted at once.
 */
export function planDatabases(
  wish: DatabasesWish,
  facts: Pick<SqlFact, "roles" | "databases"> = NOTHING,
): readonly Step[] {
  const step = (what: string, change: Change, because: string, notices: readonly Notice[] = []): Step => ({
    id: `${wish.resource}/${what}`,
    resource: wish.resource,
    host: wish.host,
    stage: "data",
    change,
    because,
    ...noticing("none", notices),
  });
  return [
    ...byMembership(wish.roles).flatMap((role) => {
      const found = facts.roles.find((candidate) => candidate.name === role.name);
      if (found === undefined)
        return [step(`role ${role.name}`, { kind: "create-role", role: attributesOf(role) }, "it does not exist")];
      const change = alterRole(role, found);
      return change === undefined
        ? []
        : [step(`role ${role.name}`, change, "it differs from the spec", noticedOfRole(change, found))];
    }),
    ...wish.databases.flatMap((database) => {
      const found = facts.databases.find((candidate) => candidate.name === database.name);
      return [
        ...databaseSteps(wish, database, found).map((change) =>
          step(
            `database ${database.name}`,
            change,
            found === undefined ? "it does not exist" : "it differs from the spec",
            found !== undefined && change.kind === "alter-database" ? noticedOfDatabase(change, found) : [],
          ),
        ),
        ...database.extensions
          .filter((extension) => found?.extensions?.[extension] === undefined)
          .map((extension) =>
            step(
              `extension ${extension} in ${database.name}`,
              { kind: "create-extension", database: database.name, extension },
              `${database.name} declares it`,
            ),
          ),
      ];
    }),
  ];
}

function databaseSteps(
  wish: DatabasesWish,
  database: DatabasesWish["databases"][number],
  found: SqlDatabaseFact | undefined,
): readonly Change[] {
  if (found === undefined) {
    return [
      {
        kind: "create-database",
        database: database.name,
        owner: database.owner,
        encoding: wish.encoding,
        locale: wish.locale,
        connectionLimit: database.connectionLimit,
      },
    ];
  }
  const differs = found.owner !== database.owner || found.connectionLimit !== database.connectionLimit;
  return differs
    ? [
        {
          kind: "alter-database",
          database: database.name,
          ...(found.owner === database.owner ? {} : { owner: database.owner }),
          ...(found.connectionLimit === database.connectionLimit ? {} : { connectionLimit: database.connectionLimit }),
        },
      ]
    : [];
}

const RIGHTS = [
  "login",
  "superuser",
  "createdb",
  "createrole",
  "inherit",
  "replication",
  "bypassrls",
] as const satisfies readonly (keyof RoleAttributes)[];

const ATTRIBUTES = [...RIGHTS, "connectionLimit"] as const;

type RoleChange = Extract<Change, { readonly kind: "alter-role" }>;
type DatabaseChange = Extract<Change, { readonly kind: "alter-database" }>;

function alterRole(role: DatabasesWish["roles"][number], found: SqlRoleFact): RoleChange | undefined {
  const differences = ATTRIBUTES.filter((attribute) => role[attribute] !== found[attribute]);
  const setVerifier = role.login && role.verifierDigest !== undefined && role.verifierDigest !== found.verifierDigest;
  const grant = role.memberOf.filter((name) => !found.memberOf.includes(name));
  const revoke = found.memberOf.filter((name) => !role.memberOf.includes(name));
  if (differences.length + grant.length + revoke.length === 0 && !setVerifier) return undefined;
  return { kind: "alter-role", role: attributesOf(role), differences, setVerifier, grant, revoke };
}

/** What a role may no longer do, and who is refused. */
function noticedOfRole({ role, differences, setVerifier, revoke }: RoleChange, found: SqlRoleFact): readonly Notice[] {
  const { name, connectionLimit } = role;
  const lost = RIGHTS.filter((right) => differences.includes(right) && found[right] && !role[right]);
  return [
    ...lost.map((right) => (right === "login" ? NOTICES.loginTaken(name) : NOTICES.rightTaken(name, right))),
    ...revoke.map((group) => NOTICES.membershipTaken(name, group)),
    ...(setVerifier && found.verifierDigest !== "" ? [NOTICES.passwordChanged(name)] : []),
    ...(isLower(connectionLimit, found.connectionLimit) ? [NOTICES.roleLimit(name, connectionLimit)] : []),
  ];
}

function noticedOfDatabase(
  { database, owner, connectionLimit = -1 }: DatabaseChange,
  found: SqlDatabaseFact,
): readonly Notice[] {
  return [
    ...(owner === undefined ? [] : [NOTICES.ownerChanged(database, found.owner, owner)]),
    ...(isLower(connectionLimit, found.connectionLimit) ? [NOTICES.databaseLimit(database, connectionLimit)] : []),
  ];
}

/** Of limits where -1 is none. */
function isLower(limit: number, before: number): boolean {
  return limit !== -1 && (before === -1 || limit < before);
}

function attributesOf(role: DatabasesWish["roles"][number]): RoleAttributes {
  const { verifierDigest: _, ...attributes } = role;
  return attributes;
}

/** Groups before their members. Validation has refused cycles. */
function byMembership(roles: DatabasesWish["roles"]): DatabasesWish["roles"] {
  const done = new Set<string>();
  const ordered: DatabasesWish["roles"][number][] = [];
  const visit = (role: DatabasesWish["roles"][number]): void => {
    if (done.has(role.name)) return;
    done.add(role.name);
    for (const group of role.memberOf) {
      const declared = roles.find((candidate) => candidate.name === group);
      if (declared !== undefined) visit(declared);
    }
    ordered.push(role);
  };
  for (const role of roles) visit(role);
  return ordered;
}

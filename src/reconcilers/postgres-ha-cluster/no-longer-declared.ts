import type { SqlFact } from "../../facts/types.ts";
import type { Blocker, Warning } from "../../plan/plan.ts";
import { quoteIdentifier } from "../../render/sql-quoting.ts";
import { quoteWord } from "../../shell/quoting.ts";
import type { DeclaredOnce } from "../../state/index.ts";
import { list } from "../../text/words.ts";
import type { DesiredCluster } from "./desire.ts";

type Found = Pick<SqlFact, "roles" | "databases">;
type Wish = DesiredCluster["databases"];

/** What to keep in mind: all that is or was declared, as long as it exists. Without an answer what was known stays. */
export function declaredOnce(
  wish: Wish,
  found: Found | undefined,
  before: DeclaredOnce | undefined,
): DeclaredOnce | undefined {
  if (found === undefined) return before;
  const roles = union(
    wish.roles.map((role) => role.name),
    before?.roles ?? [],
  );
  const databases = union(
    wish.databases.map((database) => database.name),
    (before?.databases ?? []).map((database) => database.name),
  );
  return {
    roles: roles.filter((name) => found.roles.some((role) => role.name === name)),
    databases: databases.flatMap((name) => {
      const there = found.databases.find((database) => database.name === name);
      if (there === undefined) return [];
      const known = before?.databases.find((database) => database.name === name)?.extensions ?? [];
      const wanted = wish.databases.find((database) => database.name === name)?.extensions ?? [];
      return [
        {
          name,
          extensions: union(wanted, known).filter(
            (extension) => there.extensions === undefined || there.extensions[extension] !== undefined,
          ),
        },
      ];
    }),
  };
}

function union(some: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...some, ...more])].toSorted();
}

/**
 * Roles, databases and extensions that are off the list and stay: what they still can do, and how a person removes
 * them.
 */
export function noLongerDeclared(
  desired: DesiredCluster,
  { leader, found }: { readonly leader: string | undefined; readonly found: Found | undefined },
): readonly Warning[] {
  const { recorded, name } = desired.resolved;
  const { roles, databases } = desired.databases;
  const known = recorded.declared;
  if (known === undefined || found === undefined || leader === undefined) return [];
  const warning = (message: string): Warning => ({ resource: name, reason: "NoLongerDeclared", message });
  const on = (database: string, sql: string): string =>
    `On ${leader}: runuser -u postgres -- psql -d ` +
    `${/^\w+$/.test(database) ? database : quoteWord(database)} -c ${quoteWord(sql)}`;
  return [
    ...found.roles
      .filter((role) => known.roles.includes(role.name) && roles.every((wanted) => wanted.name !== role.name))
      .map((role) => {
        const owned = found.databases.filter((database) => database.owner === role.name).map(({ name: own }) => own);
        const may = [
          role.login ? "can still log in to PostgreSQL itself (poolers refuse it)" : "cannot log in",
          ...(role.superuser ? ["is superuser"] : []),
          ...(role.memberOf.length > 0 ? [`is a member of ${list(role.memberOf)}`] : []),
          ...(owned.length > 0 ? [`owns ${list(owned)}`] : []),
        ];
        const sql = role.login
          ? `ALTER ROLE ${quoteIdentifier(role.name)} NOLOGIN`
          : `DROP ROLE ${quoteIdentifier(role.name)}`;
        return warning(
          `the role ${role.name} is no longer declared and stays: it ${list(may)}. ${on("postgres", sql)}`,
        );
      }),
    ...found.databases
      .filter((database) => isKnown(database.name) && databases.every((wanted) => wanted.name !== database.name))
      .map((database) =>
        warning(
          `the database ${database.name} is no longer declared and stays with its data; no pooler leads to it. ` +
            `If nobody needs it: ${on("postgres", `DROP DATABASE ${quoteIdentifier(database.name)}`)}`,
        ),
      ),
    ...databases.flatMap((database) => {
      const there = found.databases.find((candidate) => candidate.name === database.name)?.extensions ?? {};
      const before = known.databases.find((candidate) => candidate.name === database.name)?.extensions ?? [];
      return before
        .filter((extension) => there[extension] !== undefined && !database.extensions.includes(extension))
        .map((extension) =>
          warning(
            `the extension ${extension} of ${database.name} is no longer declared and stays, with what uses it. ` +
              `If nothing does: ${on(database.name, `DROP EXTENSION ${quoteIdentifier(extension)}`)}`,
          ),
        );
    }),
  ];

  function isKnown(database: string): boolean {
    return known?.databases.some((candidate) => candidate.name === database) === true;
  }
}

/**
 * A database that is new, where another of the same owner went off the list: somebody renamed it in the manifest. It
 * would be made empty, and the role's Secret and the poolers would lead there, while the data stays where nobody looks.
 */
export function renamedDatabases(
  desired: DesiredCluster,
  { leader, found }: { readonly leader: string | undefined; readonly found: Found | undefined },
): readonly Blocker[] {
  const { recorded, name } = desired.resolved;
  const { databases } = desired.databases;
  const there: readonly { readonly name: string; readonly owner?: string }[] =
    found?.databases ?? recorded.declared?.databases ?? [];
  const left = there.filter(
    (database) =>
      recorded.declared?.databases.some((known) => known.name === database.name) === true &&
      databases.every((wanted) => wanted.name !== database.name),
  );
  return databases.flatMap((database, index) => {
    const isLead = databases.findIndex((candidate) => candidate.owner === database.owner) === index;
    const old = left.find((candidate) => candidate.owner === undefined || candidate.owner === database.owner);
    if (!isLead || old === undefined || there.some((candidate) => candidate.name === database.name)) return [];
    const sql = `ALTER DATABASE ${quoteIdentifier(old.name)} RENAME TO ${quoteIdentifier(database.name)}`;
    return [
      {
        resource: name,
        reason: "DatabaseRenamed",
        scope: "everything",
        why:
          `the database ${database.name} would be new and empty; ${old.name} is off the list and keeps ` +
          `its data, and the Secret of ${database.owner} and the poolers would lead to the empty one`,
        wayOut:
          `If it is to be the same database: stop its clients, and on ${leader ?? "the leader"}: ` +
          `runuser -u postgres -- psql -d postgres -c ${quoteWord(sql)}. If a new one is meant: keep ` +
          `${old.name} on the list as well; Secret and clients go to the first one that ${database.owner} owns.`,
      },
    ];
  });
}

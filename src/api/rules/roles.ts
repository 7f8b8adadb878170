import { reservedDatabase, reservedRole, SYSTEM_ROLES } from "../reserved.ts";
import type { PostgresHACluster, Resource } from "../kinds.ts";
import { shown, shownName } from "../shown.ts";
import { closest } from "../suggest.ts";
import { problem, warning, type Finding } from "./finding.ts";
import { comesWithPostgreSQL, KNOWN_EXTENSIONS, majorsWithExtension, packageOf } from "./extensions.ts";

/** Roles and databases: their names, and that they name each other rightly. */
export function* roleRules(resources: readonly Resource[]): Iterable<Finding> {
  for (const resource of resources) {
    if (resource.kind !== "PostgresHACluster") continue;
    yield* rolesOf(resource);
    yield* cyclesOf(resource);
    yield* databasesOf(resource);
  }
}

function* rolesOf(cluster: PostgresHACluster): Iterable<Finding> {
  const { roles } = cluster.spec;
  const declared = roles.map((role) => role.name);
  for (const [index, role] of roles.entries()) {
    const reserved = reservedRole(role.name);
    if (reserved !== undefined)
      yield problem(
        cluster,
        `spec.roles[${index}].name`,
        `${shown(role.name)} can't be declared: ${reserved}`,
        "choose another name",
      );
    for (const [position, group] of role.memberOf.entries()) {
      const path = `spec.roles[${index}].memberOf[${position}]`;
      if (group === SYSTEM_ROLES.superuser)
        yield problem(
          cluster,
          path,
          "membership in the superuser's role gives everything away",
          "grant what the role needs, or declare the role with superuser: true",
        );
      else if (!declared.includes(group) && !group.startsWith("pg_"))
        yield problem(cluster, path, `there is no role ${shown(group)} in spec.roles`, wayOutFor(group, declared));
    }
  }
}

function* databasesOf(cluster: PostgresHACluster): Iterable<Finding> {
  const { roles, databases } = cluster.spec;
  const { version } = cluster.spec.postgresql;
  const declared = roles.map((role) => role.name);
  for (const [index, database] of databases.entries()) {
    const path = `spec.databases[${index}]`;
    const reserved = reservedDatabase(database.name);
    if (reserved !== undefined)
      yield problem(
        cluster,
        `${path}.name`,
        `${shown(database.name)} can't be declared: ${reserved}`,
        "choose another name",
      );
    if (!declared.includes(database.owner))
      yield problem(
        cluster,
        `${path}.owner`,
        `there is no role ${shown(database.owner)} in spec.roles`,
        wayOutFor(database.owner, declared),
      );
    for (const [position, extension] of database.extensions.entries()) {
      if (comesWithPostgreSQL(extension, version)) continue;
      if (KNOWN_EXTENSIONS.has(extension)) {
        yield problem(
          cluster,
          `${path}.extensions[${position}]`,
          `PostgreSQL ${version} has no extension ${shown(extension)}: it came with ${majorsWithExtension(extension)}`,
          "leave it out",
        );
        continue;
      }
      const meant = closest(extension, [...KNOWN_EXTENSIONS]);
      yield warning(
        cluster,
        `${path}.extensions[${position}]`,
        `${shown(extension)} is neither one of PostgreSQL's own extensions nor vector, so pgha does not install it`,
        meant === undefined
          ? `install its package on every member first, ${packageOf(extension, version)} or the like`
          : `did you mean ${meant}? If not, install its package on every member first`,
      );
    }
  }
}

/** A role that is, by some way round, a member of itself. PostgreSQL refuses the last GRANT of such a ring. */
function* cyclesOf(cluster: PostgresHACluster): Iterable<Finding> {
  const groups = new Map(cluster.spec.roles.map((role) => [role.name, role.memberOf]));
  const done = new Set<string>();
  for (const [index, role] of cluster.spec.roles.entries()) {
    const ring = ringFrom(role.name, groups, done);
    if (ring !== undefined) {
      yield problem(
        cluster,
        `spec.roles[${index}].memberOf`,
        `${ring.map(shownName).join(" is a member of ")}: a ring`,
        "take one membership out of the ring",
      );
    }
  }
}

/** Walks without recursion, since a manifest may chain as many roles as it likes. Marks what it has seen as done. */
function ringFrom(
  start: string,
  groups: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
): readonly string[] | undefined {
  const trail: { readonly name: string; readonly left: string[] }[] = [];
  const enter = (name: string) => trail.push({ name, left: [...(groups.get(name) ?? [])] });
  if (!done.has(start)) enter(start);
  for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
    const next = top.left.pop();
    if (next === undefined) {
      done.add(top.name);
      trail.pop();
      continue;
    }
    const at = trail.findIndex((step) => step.name === next);
    if (at >= 0) {
      const ring = [...trail.slice(at).map((step) => step.name), next];
      for (const step of trail) done.add(step.name);
      return ring;
    }
    if (!done.has(next)) enter(next);
  }
  return undefined;
}

function wayOutFor(name: string, declared: readonly string[]): string {
  const meant = closest(name, declared);
  return meant === undefined ? "declare the role, or name one that is declared" : `did you mean ${meant}?`;
}

import { dcsSecretOf, secretNames } from "../derived.ts";
import type { PostgresHACluster, ServiceResource } from "../kinds.ts";
import { shown, shownName } from "../shown.ts";
import { labelOf, problem, type Finding } from "./finding.ts";

/** One Secret for each purpose (F94): a password is never shared, and never taken from an SSH key's Secret. */
export function* secretRules(resources: readonly ServiceResource[]): Iterable<Finding> {
  const users = new Map<string, Use>();
  for (const resource of resources) {
    const keys = [resource.spec.ssh.privateKeySecretRef.name, resource.spec.ssh.bastion?.privateKeySecretRef?.name];
    for (const name of keys) {
      if (name !== undefined) users.set(keyOf(resource, name), { resource, what: "an SSH key" });
    }
  }
  for (const resource of resources) {
    if (resource.kind !== "PostgresHACluster") continue;
    for (const { name, what, path } of usesOf(resource)) {
      const key = keyOf(resource, name);
      const other = users.get(key);
      if (other === undefined) users.set(key, { resource, what });
      else {
        const where = other.resource === resource ? "" : ` of ${labelOf(other.resource)}`;
        yield problem(
          resource,
          path,
          `the Secret ${shown(name)} for ${what} is already used for ${other.what}${where}`,
          "give each its own Secret, so that each password can be changed alone",
        );
      }
    }
  }
}

interface Use {
  readonly resource: ServiceResource;
  readonly what: string;
}

function* usesOf(
  cluster: PostgresHACluster,
): Iterable<{ readonly name: string; readonly what: string; readonly path: string }> {
  const names = secretNames(cluster);
  const own = [
    ["superuser", "the superuser"],
    ["replication", "replication"],
    ["rewind", "pg_rewind"],
    ["restApi", "Patroni's REST API"],
  ] as const;
  for (const [field, what] of own) yield { name: names[field], what, path: `spec.credentials.${field}SecretRef` };
  const dcs = dcsSecretOf(cluster);
  yield { name: dcs.name, what: dcs.purpose, path: `spec.credentials.${dcs.field}` };
  yield { name: names.pgbouncerAdmin, what: "the admin of PgBouncer", path: "metadata.name" };
  yield { name: names.verifiers, what: "what pgha keeps of passwords", path: "metadata.name" };
  yield { name: names.pgbouncerStats, what: "PgBouncer's exporters", path: "metadata.name" };
  const seen = new Set<string>();
  for (const [index, role] of cluster.spec.roles.entries()) {
    const name = names.roles.get(role.name);
    // A role that can't log in has no password; a doubled role is reported as such.
    if (name === undefined || !role.login || seen.has(role.name)) continue;
    seen.add(role.name);
    yield { name, what: `the role ${shownName(role.name)}`, path: `spec.roles[${index}].passwordSecretRef` };
  }
}

function keyOf(resource: ServiceResource, name: string): string {
  return `${resource.metadata.namespace ?? "default"}/${name}`;
}

import type { PathFact } from "../facts/types.ts";
import type { Change } from "./change.ts";

/** A change in a few words for people, without its host. Never shows a secret: it has none to show. */
export function describe(change: Change): string {
  switch (change.kind) {
    case "write-secret":
      return `${change.how} secret ${change.secret} (${change.purpose})`;
    case "record-bootstrap-intent":
      return `record that ${change.members.join(", ")} are about to be bootstrapped`;
    case "write-file":
      return `${verbFor(change.before)} ${change.file.path}`;
    case "make-directory":
      return change.before.kind === "absent"
        ? `make directory ${change.directory.path}`
        : `set owner ${change.directory.owner}:${change.directory.group}, mode ${octal(change.directory.mode)} on ${change.directory.path}`;
    case "install-packages":
      return `install ${change.missing.join(", ")}${change.packages.source === "pgdg" ? " (PGDG)" : ""}`;
    case "push-artifact":
      return `push ${change.artifact.name} to ${change.artifact.path}`;
    case "arrange-units":
      return [
        ...(change.mask.length === 0 ? [] : [`stop, disable and mask ${change.mask.join(", ")}`]),
        ...(change.enable.length === 0 ? [] : [`enable ${change.enable.join(", ")}`]),
      ].join("; ");
    case "start-unit":
      return `start ${change.unit}`;
    case "reload-unit":
      return `reload ${change.unit}`;
    case "restart-unit":
      return `restart ${change.unit}`;
    case "patch-dynamic-configuration":
      return `change dynamic configuration: ${Object.entries(flatten(change.patch))
        .map(([key, value]) => `${key}=${value}`)
        .join(", ")}`;
    case "restore-hba":
      return `put back ${change.dataDirectory}/pg_hba.conf, and load it`;
    case "create-role":
      return `create role ${change.role.name}`;
    case "alter-role":
      return `alter role ${change.role.name}: ${[...change.differences, ...(change.setVerifier ? ["password"] : []), ...change.grant.map((role) => `member of ${role}`), ...change.revoke.map((role) => `no longer member of ${role}`)].join(", ")}`;
    case "create-database":
      return `create database ${change.database} owned by ${change.owner}`;
    case "alter-database":
      return `alter database ${change.database}: ${[...(change.owner === undefined ? [] : [`owner ${change.owner}`]), ...(change.connectionLimit === undefined ? [] : [`connection limit ${change.connectionLimit}`])].join(", ")}`;
    case "create-extension":
      return `create extension ${change.extension} in ${change.database}`;
    case "stop-unit":
      return `stop and disable ${change.unit}`;
    case "remove-own-files":
      return `remove ${[...change.files, ...change.trees].join(", ")}`;
    case "remove-data":
      return `delete the data in ${change.data.directory} and ${change.data.raftDirectory}`;
  }
}

function verbFor(before: PathFact): string {
  return before.kind === "absent" ? "write" : "rewrite";
}

/** File modes the way people read them: 0600. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function flatten(value: Readonly<Record<string, unknown>>, prefix = ""): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "object" && inner !== null) {
      Object.assign(result, flatten(inner as Record<string, unknown>, `${prefix}${key}.`));
    } else {
      result[prefix + key] = inner === null ? "(removed)" : typeof inner === "string" ? inner : JSON.stringify(inner);
    }
  }
  return result;
}

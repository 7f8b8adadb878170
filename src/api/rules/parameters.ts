import type { PostgresHACluster, Resource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { closest } from "../suggest.ts";
import { problem, warning, type Finding } from "./finding.ts";
import { OWNED_BY_PATRONI, PATRONI_MINIMUMS } from "./owned-parameters.ts";
import { parameterPath, unwritable } from "./parameter-text.ts";

/** spec.postgresql.parameters: names and values that can be written down, and none that another hand decides. */
export function* parameterRules(resources: readonly Resource[]): Iterable<Finding> {
  for (const resource of resources) {
    if (resource.kind !== "PostgresHACluster") continue;
    for (const [name, value] of Object.entries(resource.spec.postgresql.parameters))
      yield* judge(resource, name, value);
  }
}

function* judge(cluster: PostgresHACluster, name: string, value: number | string): Iterable<Finding> {
  const path = parameterPath("spec.postgresql.parameters", name);
  const refuse = (message: string, wayOut: string) => problem(cluster, path, message, wayOut);
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/.test(name) || name.length > 63) {
    yield refuse(
      `${shown(name)} is no name of a setting`,
      "write it in lower case as PostgreSQL's manual does: letters, digits and _, at most 63 of them",
    );
    return;
  }
  const owner = OWNED_BY_PATRONI.get(name);
  if (owner !== undefined) {
    yield refuse(owner.why, owner.wayOut);
    return;
  }
  const fault = unwritable(value);
  if (fault !== undefined) {
    yield refuse(`is ${shown(value)}, which ${fault}`, "write a value that fits on one line of postgresql.conf");
    return;
  }
  yield* judgeValue(cluster, path, name, value);
}

function* judgeValue(
  cluster: PostgresHACluster,
  path: string,
  name: string,
  value: number | string,
): Iterable<Finding> {
  const word = String(value).toLowerCase();
  const minimum = PATRONI_MINIMUMS.get(name);
  if (minimum !== undefined && !(/^[0-9]+$/.test(word) && Number(word) >= minimum)) {
    yield problem(
      cluster,
      path,
      `is ${shown(value)}, and Patroni ignores anything but a whole number from ${minimum} up`,
      `write a whole number of at least ${minimum}`,
    );
  }
  if (name === "wal_level" && word !== "replica" && word !== "logical") {
    yield problem(
      cluster,
      path,
      `is ${shown(value)}, which does not carry enough for replicas`,
      "write replica or logical, or leave it out",
    );
  }
  if (name === "password_encryption" && word !== "scram-sha-256") {
    yield problem(
      cluster,
      path,
      `is ${shown(value)}, and pgha keeps passwords as SCRAM verifiers`,
      "write scram-sha-256, or leave it out",
    );
  }
  if ((name === "fsync" || name === "full_page_writes") && OFF.has(word)) {
    yield warning(cluster, path, "is off, so a power cut can destroy the data of a member", "leave it out");
  }
  const meant = name.includes(".")
    ? undefined
    : closest(name, [
        ...PATRONI_MINIMUMS.keys(),
        "shared_buffers",
        "effective_cache_size",
        "work_mem",
        "maintenance_work_mem",
      ]);
  if (meant !== undefined && meant !== name && !NEIGHBOURS.has(name))
    yield warning(cluster, path, "may be misspelt", `did you mean ${meant}?`);
}

const OFF: ReadonlySet<string> = new Set(["off", "false", "no", "0", "of", "f", "n"]);
/** Settings whose names are within two letters of another's. */
const NEIGHBOURS: ReadonlySet<string> = new Set([
  "temp_buffers",
  "wal_buffers",
  "hash_mem",
  "max_pred_locks_per_transaction",
]);

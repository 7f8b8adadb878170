import { judgeValue } from "../parameters/value.ts";
import { majorsWith, settingsOf } from "../parameters/setting.ts";
import type { Setting } from "../parameters/setting.ts";
import type { PostgresHACluster, Resource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { closest } from "../suggest.ts";
import { extensionSetting } from "./extension-settings.ts";
import { problem, warning, type Finding } from "./finding.ts";
import { OWNED_BY_PATRONI, PATRONI_MINIMUMS } from "./owned-parameters.ts";
import { parameterPath, unwritable } from "./parameter-text.ts";

/**
 * spec.postgresql.parameters: each against what PostgreSQL of the declared major says of it. Patroni and PostgreSQL
 * drop in silence what they do not take, so it must not get there.
 */
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
  const { version } = cluster.spec.postgresql;
  const settings = settingsOf(version);
  const owner = OWNED_BY_PATRONI.get(name.toLowerCase());
  if (owner !== undefined) {
    yield refuse(owner.why, owner.wayOut);
    return;
  }
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/.test(name) || name.length > 63) {
    const meant = closest(name, [...(settings?.keys() ?? [])]);
    yield refuse(
      `${shown(name)} is no name of a setting`,
      meant === undefined
        ? "write it in lower case: letters, digits and _, at most 63 of them"
        : `write it in lower case: ${meant}`,
    );
    return;
  }
  const fault = unwritable(value);
  if (fault !== undefined) {
    yield refuse(`is ${shown(value)}, which ${fault}`, "write a value that fits on one line of postgresql.conf");
    return;
  }
  const setting = settings?.get(name);
  if (setting !== undefined) yield* judgeSetting(cluster, path, setting, value);
  else if (name.includes(".")) yield* extensionSetting(cluster, path, name);
  else if (settings !== undefined)
    yield refuse(`PostgreSQL ${version} has no such setting`, unknownWayOut(name, settings));
}

function unknownWayOut(name: string, settings: ReadonlyMap<string, Setting>): string {
  const majors = majorsWith(name);
  const meant = closest(name, [...settings.keys()]);
  if (meant !== undefined) return `did you mean ${meant}?`;
  return majors === ""
    ? "look it up in PostgreSQL's manual, or leave it out"
    : `leave it out: PostgreSQL has it in ${majors}`;
}

function* judgeSetting(
  cluster: PostgresHACluster,
  path: string,
  setting: Setting,
  value: number | string,
): Iterable<Finding> {
  const { name } = setting;
  const refuse = (message: string, wayOut: string) => problem(cluster, path, message, wayOut);
  const minimum = PATRONI_MINIMUMS.get(name);
  if (setting.context === "internal") {
    yield refuse("can't be set in a configuration file", "leave it out");
    return;
  }
  if (minimum !== undefined && !(/^[0-9]+$/.test(String(value)) && Number(value) >= minimum)) {
    yield refuse(
      `is ${shown(value)}, and Patroni ignores anything but a whole number from ${minimum} up`,
      `write a whole number of at least ${minimum}`,
    );
    return;
  }
  const judged = judgeValue(setting, value);
  if (!judged.ok) {
    yield refuse(`is ${shown(value)}, which ${judged.why}`, judged.wayOut);
    return;
  }
  if (name === "wal_level" && judged.value === "minimal") {
    yield refuse(
      `is ${shown(value)}, which does not carry enough for replicas`,
      "write replica or logical, or leave it out",
    );
  }
  if (name === "password_encryption" && judged.value !== "scram-sha-256") {
    yield refuse(
      `is ${shown(value)}, and pgha keeps passwords as SCRAM verifiers`,
      "write scram-sha-256, or leave it out",
    );
  }
  if ((name === "fsync" || name === "full_page_writes") && judged.value === "off") {
    yield warning(cluster, path, "is off, so a power cut can destroy the data of a member", "leave it out");
  }
  if (name.includes(".")) yield* extensionSetting(cluster, path, name);
}

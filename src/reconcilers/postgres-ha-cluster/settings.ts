import type { Plan } from "../../plan/plan.ts";
import { restartHazards, restartOrder } from "../../plan/restart-hazards.ts";
import type { RestartHazard } from "../../plan/restart-hazards.ts";
import { doublySet, nameOf, settingDifferences } from "../../plan/settings-in-force.ts";
import type { SettingDifference } from "../../plan/settings-in-force.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";

type Found = Pick<Plan, "blockers" | "waits" | "warnings">;

/** How long Patroni may take to bring a new dynamic configuration to a member: two rounds of its loop and a reload. */
const ROUNDS = 2;

/**
 * What is declared against what runs, on every member. Patroni tells of a pending restart one round of its loop late,
 * and never of a value that it or PostgreSQL dropped; so the running values are compared. `isToBeSet`: while the dynamic
 * configuration itself is still to be changed.
 */
export function planSettings(
  desired: DesiredCluster,
  looks: ClusterLooks,
  leader: string | undefined,
  { isToBeSet }: { readonly isToBeSet: boolean },
): Found {
  const wanted = desired.dynamicConfiguration.postgresql.parameters;
  const members = desired.members.flatMap(({ name }) => {
    const look = looks.get(name);
    if (look?.seen !== true) return [];
    const { sql } = look.facts;
    // What is still to be set is a step, and no member can have it.
    const differences = sql === undefined || isToBeSet ? [] : settingDifferences(wanted, sql);
    return [{ name, facts: look.facts, differences, isToBeSet }];
  });
  const order = orderOf(members, leader);
  return {
    blockers: members.flatMap((member) => [
      ...hazards(desired, member),
      ...restartOf(desired, member, order),
      ...member.differences
        .filter((difference) => difference.kind === "overridden" || difference.kind === "refused")
        .map((difference) => blockerOf(desired, member.name, difference)),
    ]),
    waits: members.flatMap((member) =>
      lateOf(
        desired,
        member.name,
        member.differences.filter((difference) => difference.kind === "late"),
      ),
    ),
    warnings: members.flatMap(({ name, facts, differences }) =>
      (facts.sql === undefined ? [] : doublySet(wanted, facts.sql))
        .filter((row) => !differences.some((difference) => difference.name === row.name))
        .map((row) => ({
          resource: desired.resolved.name,
          host: name,
          reason: "ParameterOverridden",
          message: `${row.name} is set in ${nameOf(row.file)}, too: a change in the manifest would have no effect there. ${resetOf(desired, name, row.name)}`,
        })),
    ),
  };
}

/** Of these settings, the ones that some member has in force in another way than they are wanted, or may have. */
export function notInForce(desired: DesiredCluster, looks: ClusterLooks, names: readonly string[]): readonly string[] {
  const { parameters } = desired.dynamicConfiguration.postgresql;
  const seen = [...looks.values()].flatMap((look) => (look.seen && look.facts.sql?.settings ? [look.facts.sql] : []));
  if (seen.length === 0) return names;
  const differing = new Set(
    seen.flatMap((sql) => settingDifferences(parameters, sql).map((difference) => difference.name)),
  );
  // One that is taken out goes back to its default, which may be what runs.
  const isSet = (name: string): boolean =>
    seen.some((sql) => sql.settings?.some((row) => row.name === name && row.source !== "default"));
  return names.filter((name) => (name in parameters ? differing.has(name) : isSet(name)));
}

/** What would keep PostgreSQL from starting again, on any member that was seen. */
export function restartHazardsOf(desired: DesiredCluster, looks: ClusterLooks): readonly RestartHazard[] {
  return [...looks.values()].flatMap((look) =>
    look.seen && look.facts.sql !== undefined
      ? restartHazards(desired.dynamicConfiguration.postgresql.parameters, look.facts.sql)
      : [],
  );
}

/**
 * Settings that a member has taken and not in force, in words. Patroni tells it a round of its loop late, in both
 * directions, so its word counts only where PostgreSQL was not asked.
 */
export function pendingSettings(desired: DesiredCluster, facts: ClusterFacts): readonly string[] {
  const { sql, patroni } = facts;
  if (sql?.settings === undefined) {
    if (patroni.member?.pendingRestart !== true) return [];
    return sql === undefined || sql.pendingRestartSettings.length === 0
      ? ["changed settings"]
      : sql.pendingRestartSettings;
  }
  return settingDifferences(desired.dynamicConfiguration.postgresql.parameters, sql)
    .filter(({ kind }) => kind === "restart")
    .map(inWords);
}

interface Member {
  readonly name: string;
  readonly facts: ClusterFacts;
  readonly differences: readonly SettingDifference[];
  readonly isToBeSet: boolean;
}

function hazards(desired: DesiredCluster, { name, facts }: Member): Plan["blockers"] {
  if (facts.sql === undefined) return [];
  return restartHazards(desired.dynamicConfiguration.postgresql.parameters, facts.sql).map(({ why, wayOut }) => ({
    resource: desired.resolved.name,
    host: name,
    scope: "disruptive",
    reason: "RestartWouldFail",
    why,
    wayOut,
  }));
}

/** Restarting members ends sessions, and is a person's decision. */
function restartOf(desired: DesiredCluster, member: Member, order: string): Plan["blockers"] {
  const pending = pendingSettings(desired, member.facts);
  if (pending.length === 0 || member.isToBeSet || hazards(desired, member).length > 0) return [];
  return [
    {
      resource: desired.resolved.name,
      host: member.name,
      scope: "disruptive",
      reason: "PendingRestart",
      why: `PostgreSQL needs a restart for ${pending.join(", ")} to take effect`,
      wayOut: `${order}. For this one, on any member as root: patronictl -c /etc/patroni/config.yml restart --force ${desired.scope} ${member.name}`,
    },
  ];
}

function orderOf(members: readonly Member[], leader: string | undefined): string {
  const pending = members.flatMap((member) => member.differences.filter(({ kind }) => kind === "restart"));
  const replicas = members.filter((member) => member.name !== leader).map((member) => member.name);
  return leader === undefined ? "Once a member leads" : restartOrder(pending, leader, replicas);
}

function blockerOf(desired: DesiredCluster, host: string, difference: SettingDifference): Plan["blockers"][number] {
  const base = { resource: desired.resolved.name, host, scope: "disruptive" } as const;
  const { name, file, line } = difference;
  if (difference.kind === "overridden")
    return {
      ...base,
      reason: "ParameterOverridden",
      why: `${inWords(difference)}: ${nameOf(file)} has the last word there`,
      wayOut: resetOf(desired, host, name, file),
    };
  const place = file === undefined ? "" : ` (${nameOf(file)}, line ${line ?? 0})`;
  const words =
    difference.found === undefined && file === undefined
      ? `PostgreSQL on ${host} knows no setting ${name}`
      : `PostgreSQL does not take ${name} = ${difference.wanted ?? ""}${place}, and would not start with it`;
  return {
    ...base,
    reason: "ParameterRefused",
    why: words,
    wayOut: `Correct it in spec.postgresql.parameters, or in that file if it is not there. PostgreSQL's own log on ${host} says what is wrong with it.`,
  };
}

function resetOf(desired: DesiredCluster, host: string, name: string, file?: string): string {
  const { port } = desired.resolved.cluster.spec.postgresql;
  return file === undefined || nameOf(file) === "postgresql.auto.conf"
    ? `On ${host} as root: setpriv --reuid postgres --regid postgres --init-groups -- psql -p ${port} -d postgres -c 'ALTER SYSTEM RESET ${name}' -c 'SELECT pg_reload_conf()'`
    : `Take ${name} out of ${file}; then on ${host} as root: setpriv --reuid postgres --regid postgres --init-groups -- psql -p ${port} -d postgres -c 'SELECT pg_reload_conf()'`;
}

function lateOf(desired: DesiredCluster, host: string, late: readonly SettingDifference[]): Plan["waits"] {
  const { loopWait } = desired.resolved.cluster.spec.patroni;
  return late.length === 0
    ? []
    : [
        {
          resource: desired.resolved.name,
          host,
          reason: "ParametersPending",
          for: `${late.map(inWords).join(", ")} on ${host}`,
          holds: "settle",
          deadlineSeconds: ROUNDS * loopWait + 30,
          wayOut: `On ${host}: journalctl -u patroni, where Patroni says what it drops ("Removing"), and PostgreSQL's own log.`,
        },
      ];
}

function inWords({ name, wanted, found, unit }: SettingDifference): string {
  const inUnit = unit === "" ? "" : /^[0-9]/.test(unit) ? ` x ${unit}` : ` ${unit}`;
  const value = found === undefined ? "not known" : `${found === "" ? "''" : found}${inUnit}`;
  return wanted === undefined ? `${name} (${value}, to be taken out)` : `${name} (${value}, to be ${wanted})`;
}

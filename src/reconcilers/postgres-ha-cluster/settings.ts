import { patroniTimingOf } from "../../api/index.ts";
import { dynamicConfigurationPatch } from "../../plan/dynamic-configuration.ts";
import type { Plan } from "../../plan/plan.ts";
import { restartHazards } from "../../plan/restart-hazards.ts";
import type { RestartHazard } from "../../plan/restart-hazards.ts";
import { doublySet, nameOf, settingDifferences } from "../../plan/settings-in-force.ts";
import type { SettingDifference } from "../../plan/settings-in-force.ts";
import type { PendingSetting } from "../../plan/operations/restart-order.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";

type Found = Pick<Plan, "blockers" | "waits" | "warnings">;

/** How long Patroni may take to bring a new dynamic configuration to a member: two rounds of its loop and a reload. */
const ROUNDS = 2;

/**
 * What is declared against what runs, on every member. Patroni tells of a pending restart one round of its loop late,
 * and never of a value that it or PostgreSQL dropped; so the running values are compared. `isToBeSet`: while the
 * dynamic configuration itself is still to be changed. `unheard`: members that hear of nothing new, which is said by
 * itself.
 */
export function planSettings(
  desired: DesiredCluster,
  looks: ClusterLooks,
  {
    isToBeSet,
    steps,
    unheard,
  }: { readonly isToBeSet: boolean; readonly steps: Plan["steps"]; readonly unheard: readonly string[] },
): Found {
  const wanted = desired.dynamicConfiguration.postgresql.parameters;
  const members = desired.members.flatMap(({ name }) => {
    const look = looks.get(name);
    if (look?.seen !== true) return [];
    const { sql } = look.facts;
    // What is still to be set is a step, and no member can have it.
    const differences = sql === undefined || isToBeSet ? [] : settingDifferences(wanted, sql);
    return [{ name, facts: look.facts, differences }];
  });
  return {
    blockers: members.flatMap((member) => [
      ...hazards(desired, member),
      ...member.differences
        .filter((difference) => difference.kind === "overridden" || difference.kind === "refused")
        .map((difference) => blockerOf(desired, member.name, difference)),
    ]),
    waits: members.flatMap(({ name, facts, differences }) =>
      unheard.includes(name)
        ? []
        : lateOf(desired, name, [
            ...(isToBeSet || steps.length > 0 ? [] : notTaken(desired, facts)),
            ...differences.filter(({ kind }) => kind === "late").map(inWords),
          ]),
    ),
    warnings: members.flatMap(({ name, facts, differences }) =>
      (facts.sql === undefined ? [] : doublySet(wanted, facts.sql))
        .filter((row) => !differences.some((difference) => difference.name === row.name))
        .map((row) => ({
          resource: desired.resolved.name,
          host: name,
          reason: "ParameterOverridden",
          message:
            `${row.name} is set in ${nameOf(row.file)}, too: a change in the manifest would have no ` +
            `effect there. ${resetOf(desired, name, row.name)}`,
        })),
    ),
  };
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
 * Settings that a member will take at its next restart, whether Patroni was given them or not; undefined if it does not
 * say.
 */
export function pendingSettings(
  desired: DesiredCluster,
  { sql, patroni }: ClusterFacts,
): readonly PendingSetting[] | undefined {
  if (sql?.settings === undefined) return undefined;
  const { member } = patroni;
  return settingDifferences(desired.dynamicConfiguration.postgresql.parameters, sql)
    .filter(({ kind }) => kind === "restart")
    .map((difference) => ({
      name: difference.name,
      wanted: difference.wanted,
      words: inWords(difference),
      isRead:
        difference.isRead === true ||
        (member?.pendingRestart === true && member.pendingSettings?.includes(difference.name) !== false),
    }));
}

interface Member {
  readonly name: string;
  readonly facts: ClusterFacts;
  readonly differences: readonly SettingDifference[];
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
    wayOut:
      "Correct it in spec.postgresql.parameters, or in that file if it is not there. PostgreSQL's own " +
      `log on ${host} says what is wrong with it.`,
  };
}

function resetOf(desired: DesiredCluster, host: string, name: string, file?: string): string {
  const { port } = desired.resolved.cluster.spec.postgresql;
  return file === undefined || nameOf(file) === "postgresql.auto.conf"
    ? `On ${host} as root: setpriv --reuid postgres --regid postgres --init-groups -- psql -p ${port} -d ` +
        `postgres -c 'ALTER SYSTEM RESET ${name}' -c 'SELECT pg_reload_conf()'`
    : `Take ${name} out of ${file}; then on ${host} as root: setpriv --reuid postgres --regid postgres ` +
        `--init-groups -- psql -p ${port} -d postgres -c 'SELECT pg_reload_conf()'`;
}

/** What Patroni there is told of its own timing and does not go by yet, in words. */
function notTaken({ dynamicConfiguration }: DesiredCluster, facts: ClusterFacts): readonly string[] {
  const { taken } = facts.dataDirectory;
  if (taken === undefined || !facts.patroni.answers) return [];
  const { postgresql: _, ...own } = dynamicConfiguration;
  return Object.entries(dynamicConfigurationPatch(own, taken) ?? {}).map(
    ([name, wanted]) =>
      `${name} (${name in taken ? JSON.stringify(taken[name]) : "not set"}, to be ${JSON.stringify(wanted)})`,
  );
}

function lateOf(desired: DesiredCluster, host: string, late: readonly string[]): Plan["waits"] {
  const { loopWait } = patroniTimingOf(desired.resolved.cluster);
  return late.length === 0
    ? []
    : [
        {
          resource: desired.resolved.name,
          host,
          reason: "ParametersPending",
          for: `${late.join(", ")} on ${host}`,
          holds: "settle",
          deadlineSeconds: ROUNDS * loopWait + 30,
          wayOut:
            `On ${host}: journalctl -u patroni, where Patroni says what it drops ("Removing"), and ` +
            "PostgreSQL's own log.",
        },
      ];
}

function inWords({ name, wanted, found, unit }: SettingDifference): string {
  const inUnit = unit === "" ? "" : /^[0-9]/.test(unit) ? ` x ${unit}` : ` ${unit}`;
  const value = found === undefined ? "not known" : `${found === "" ? "''" : found}${inUnit}`;
  return wanted === undefined ? `${name} (${value}, to be taken out)` : `${name} (${value}, to be ${wanted})`;
}

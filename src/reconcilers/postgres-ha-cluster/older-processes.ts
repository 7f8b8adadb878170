import { mergeFindings } from "../../plan/findings.ts";
import type { Findings } from "../../plan/findings.ts";
import type { Warning } from "../../plan/plan.ts";
import { foreignDropIns, isOutdated, serviceOf } from "../../plan/services.ts";
import type { DesiredCluster } from "./desire.ts";
import { PATRONI_UNIT } from "./layout.ts";
import { versionText } from "./member-status.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";

/**
 * Members whose processes are older than what lies on their disks: Patroni from a unit that was changed since, PostgreSQL
 * or Patroni from a package that was upgraded since. pgha restarts no member by itself: it says which, and how.
 */
export function olderProcesses(desired: DesiredCluster, looks: ClusterLooks): Findings {
  const { name } = desired.resolved;
  return mergeFindings(
    desired.members.flatMap((member): Findings[] => {
      const look = looks.get(member.name);
      if (look?.seen !== true) return [];
      const { facts } = look;
      const isOlder =
        facts.patroni.answers && isOutdated(serviceOf(member.host, PATRONI_UNIT), facts.units[PATRONI_UNIT]);
      return [
        foreignDropIns(name, member.host, facts.units),
        {
          blockers: isOlder
            ? [
                {
                  resource: name,
                  host: member.name,
                  scope: "disruptive",
                  reason: "ServiceOutdated",
                  why: `Patroni runs since before its unit was changed: what the unit says now is not in force`,
                  wayOut: `One member at a time, replicas first, the leader when the others stream; as root there: systemctl restart patroni. That restarts PostgreSQL there, too.`,
                },
              ]
            : [],
          warnings: olderPrograms(desired, member.name, facts),
        },
      ];
    }),
  );
}

function olderPrograms(
  desired: DesiredCluster,
  host: string,
  { packages, patroni, sql }: ClusterFacts,
): readonly Warning[] {
  const { cluster, name } = desired.resolved;
  const { version } = cluster.spec.postgresql;
  const running: readonly (readonly [program: string, runs: string | undefined, packageName: string])[] = [
    ["PostgreSQL", sql === undefined ? undefined : versionText(sql.serverVersion), `postgresql-${version}`],
    ["Patroni", patroni.member?.patroniVersion, "patroni"],
  ];
  return running.flatMap(([program, runs, packageName]) => {
    const installed = upstreamOf(packages[packageName]);
    if (runs === undefined || installed === undefined || runs === installed) return [];
    return [
      {
        resource: name,
        host,
        reason: "OlderProgramRuns",
        message: `${program} ${runs} runs, and ${installed} is installed: it takes a restart to be in force`,
      },
    ];
  });
}

/** The upstream part of a Debian version: 17.4 of 1:17.4-1.pgdg13+2. */
function upstreamOf(debian: string | undefined): string | undefined {
  return debian === undefined ? undefined : /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(debian)?.[1];
}

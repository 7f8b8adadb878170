import { mergeFindings } from "../../plan/findings.ts";
import type { Findings } from "../../plan/findings.ts";
import type { Warning } from "../../plan/plan.ts";
import { isOutdated, serviceFindings, serviceOf } from "../../plan/services.ts";
import type { DesiredCluster } from "./desire.ts";
import { PATRONI_UNIT } from "./layout.ts";
import { versionText } from "./member-status.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";

/**
 * Members whose Patroni is older than what lies on their disks: from a unit that was changed since, or a package that
 * was upgraded since. It takes PostgreSQL down with it, and its vote, so that is left to people: pgha says which, and
 * how.
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
        serviceFindings(name, member.host, facts.units),
        {
          blockers: isOlder
            ? [
                {
                  resource: name,
                  host: member.name,
                  scope: "disruptive",
                  reason: "ServiceOutdated",
                  why: `Patroni runs since before its unit was changed: what the unit says now is not in force`,
                  wayOut:
                    "One member at a time, replicas first, the leader when the others stream; as root " +
                    "there: systemctl restart patroni. That restarts PostgreSQL there, too.",
                },
              ]
            : [],
          warnings: olderPatroni(desired, member.name, facts),
        },
      ];
    }),
  );
}

/** A restart of PostgreSQL by its Patroni leaves Patroni as it is. */
function olderPatroni(
  { resolved }: DesiredCluster,
  host: string,
  { packages, patroni }: ClusterFacts,
): readonly Warning[] {
  const message = olderInWords("Patroni", patroni.member?.patroniVersion, packages["patroni"]);
  return message === undefined
    ? []
    : [
        {
          resource: resolved.name,
          host,
          reason: "OlderProgramRuns",
          message: `${message}: it takes a restart to be in force`,
        },
      ];
}

/** "PostgreSQL 17.4 runs, and 17.5 is installed"; undefined where what is installed runs, or neither is known. */
export function olderPostgresql({ resolved }: DesiredCluster, { packages, sql }: ClusterFacts): string | undefined {
  const { version } = resolved.cluster.spec.postgresql;
  const runs = sql === undefined ? undefined : versionText(sql.serverVersion);
  return olderInWords("PostgreSQL", runs, packages[`postgresql-${version}`]);
}

function olderInWords(program: string, runs: string | undefined, debian: string | undefined): string | undefined {
  const installed = upstreamOf(debian);
  return runs === undefined || installed === undefined || runs === installed
    ? undefined
    : `${program} ${runs} runs, and ${installed} is installed`;
}

/** The upstream part of a Debian version: 17.4 of 1:17.4-1.pgdg13+2. */
function upstreamOf(debian: string | undefined): string | undefined {
  return debian === undefined ? undefined : /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(debian)?.[1];
}

import { isOutdated } from "../../plan/services.ts";
import type { DesiredCluster } from "./desire.ts";
import { versionText } from "./member-status.ts";
import type { ClusterFacts } from "./observe.ts";

/**
 * How a member's Patroni is older than what lies on its disk: from a unit that was changed since, or a package that was
 * upgraded since. Undefined where it is not, or says nothing.
 */
export function olderPatroni(
  { members }: DesiredCluster,
  name: string,
  { packages, patroni, units }: ClusterFacts,
): string | undefined {
  const service = members.find((member) => member.name === name)?.service;
  if (service === undefined || !patroni.answers) return undefined;
  return isOutdated(service, units[service.of.unit])
    ? "Patroni runs since before its unit was changed"
    : olderInWords("Patroni", patroni.member?.patroniVersion, packages["patroni"]);
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

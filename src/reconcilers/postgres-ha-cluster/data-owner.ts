import { dataDirectoryOf } from "../../api/index.ts";
import type { OwnedData } from "../../changes/own-data.ts";
import { PATRONI } from "../../desired/services.ts";
import type { Step } from "../../plan/plan.ts";
import type { DesiredCluster, DesiredMember } from "./desire.ts";
import type { ClusterFacts } from "./observe.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** Whose a member's data are to be. */
export function ownedData({ cluster }: ResolvedCluster, { ground, host }: DesiredMember): OwnedData | undefined {
  const directory = dataDirectoryOf(cluster);
  const { mountPath } = cluster.spec.postgresql.dataVolume;
  const own = host.directories.find(({ path }) => path === directory);
  if (own === undefined) return undefined;
  return {
    directory,
    besides: host.directories.map(({ path }) => path).filter((path) => ![directory, mountPath].includes(path)),
    ...(ground === "host" ? {} : { within: mountPath }),
    owner: own.owner,
    group: own.group,
  };
}

/**
 * Whether pgha gives data to another user: those of this very cluster, that nobody works on. So they are where a move
 * was interrupted, or a host was rebuilt on which the user has another number.
 */
export function mayBeGiven(
  { recorded }: ResolvedCluster,
  { dataDirectory, units, sql, patroni }: ClusterFacts,
): boolean {
  return (
    dataDirectory.class === "valid" &&
    recorded.systemId !== undefined &&
    recorded.systemId === dataDirectory.systemId &&
    units[PATRONI.unit]?.activeState !== "active" &&
    sql === undefined &&
    !patroni.answers
  );
}

/** A folder of data is given with all that is in it, or a server would start that cannot read half of it. */
export function givingData(
  { resolved }: DesiredCluster,
  member: DesiredMember,
  facts: ClusterFacts,
  steps: readonly Step[],
): readonly Step[] {
  const data = ownedData(resolved, member);
  if (data === undefined || !mayBeGiven(resolved, facts)) return steps;
  const folders = [data.directory, ...data.besides];
  const others = steps.filter(({ change }) => {
    if (change.kind !== "make-directory" || change.before.kind !== "directory") return false;
    const { directory, before } = change;
    const isOurs = [before.owner, String(before.uid)].includes(directory.owner);
    const isOfGroup = [before.group, String(before.gid)].includes(directory.group);
    return folders.includes(directory.path) && !(isOurs && isOfGroup);
  });
  const [first] = others;
  if (first === undefined) return steps;
  const step: Step = {
    ...first,
    id: `${member.name}/${resolved.name}/owner of the data`,
    change: { kind: "own-data", unit: PATRONI.unit, data },
  };
  return steps.flatMap((one) => (one === first ? [step] : others.includes(one) ? [] : [one]));
}

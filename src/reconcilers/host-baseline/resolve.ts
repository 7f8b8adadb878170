import { canonicalAddress } from "../../api/index.ts";
import type {
  HAProxyPool,
  HostBaseline,
  PgBouncerPool,
  Place,
  PostgresHACluster,
  ServiceResource,
} from "../../api/index.ts";
import type { Blocker } from "../../plan/plan.ts";
import { NOTHING_RECORDED } from "../../state/index.ts";
import type { RecordedHost } from "../../state/index.ts";
import { hostsInUse } from "../left-hosts.ts";
import type { Context } from "../reconciler.ts";
import { nameOf } from "../stack.ts";

/** A host that a baseline covers. */
export interface CoveredHost extends Place {
  readonly isMember: boolean;
  /** What was recorded of it, by the resource that lists it. */
  readonly recorded: RecordedHost;
}

/** A baseline with the hosts that it covers. */
export interface ResolvedBaseline {
  readonly baseline: HostBaseline;
  /** `HostBaseline/name`. */
  readonly name: string;
  readonly cluster: PostgresHACluster;
  readonly hosts: readonly CoveredHost[];
  readonly proxies: readonly HAProxyPool[];
  readonly poolers: readonly PgBouncerPool[];
  /** Hosts of the cluster, and of its pools: those that left a list are among them until they are forgotten. */
  readonly members: ReturnType<typeof hostsInUse>;
  readonly ways: ReturnType<typeof hostsInUse>;
}

export function resolveHostBaseline(
  baseline: HostBaseline,
  context: Context,
): { readonly resolved?: ResolvedBaseline; readonly blockers: readonly Blocker[] } {
  const name = nameOf(baseline);
  const { clusterRef, targets = [] } = baseline.spec;
  const blocked = (
    reason: Blocker["reason"],
    why: string,
    wayOut: string,
  ): { readonly blockers: readonly Blocker[] } => ({
    blockers: [{ resource: name, reason, why, wayOut, scope: "everything" }],
  });
  const cluster = context.clusters.find(
    ({ metadata }) => metadata.name === clusterRef.name && metadata.namespace === baseline.metadata.namespace,
  );
  if (cluster === undefined)
    return blocked(
      "ClusterNotFound",
      `there is no PostgresHACluster ${clusterRef.name}`,
      "Create it, or correct spec.clusterRef.name.",
    );
  const isOfCluster = ({ spec, metadata }: HAProxyPool | PgBouncerPool): boolean =>
    spec.clusterRef.name === cluster.metadata.name && metadata.namespace === baseline.metadata.namespace;
  const proxies = context.haproxyPools.filter(isOfCluster);
  const poolers = context.pgbouncerPools.filter(isOfCluster);
  const services = [cluster, ...proxies, ...poolers];
  const missing = targets.find(
    ({ kind, name: wanted }) => !services.some((one) => one.kind === kind && one.metadata.name === wanted),
  );
  if (missing !== undefined)
    return blocked(
      "TargetNotFound",
      `there is no ${missing.kind} ${missing.name} of the PostgresHACluster ${clusterRef.name} that can be read`,
      "Create or mend it, or correct spec.targets.",
    );
  const recordOf = (of: ServiceResource) => context.records.get(nameOf(of)) ?? NOTHING_RECORDED;
  const members = new Set(cluster.spec.hosts.map(({ address }) => canonicalAddress(address)));
  const hosts = (baseline.places ?? []).map(({ host, of }): CoveredHost => {
    const recorded = recordOf(of).hosts[host.name] ?? {};
    return { host, of, isMember: members.has(canonicalAddress(host.address)), recorded };
  });
  const ways = [...proxies, ...poolers].flatMap((pool) => hostsInUse(pool, recordOf(pool)));
  const inUse = { members: hostsInUse(cluster, recordOf(cluster)), ways };
  return { blockers: [], resolved: { baseline, name, cluster, hosts, proxies, poolers, ...inUse } };
}

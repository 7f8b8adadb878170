import { haproxyPoolOf } from "../derived.ts";
import type { HAProxyPool, HostBaseline, PgBouncerPool, PostgresHACluster, Resource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { closest } from "../suggest.ts";
import { problem, sameNamespace, type Finding } from "./finding.ts";

/** Every reference leads to something, where all that there is was given. */
export function* referenceRules(resources: readonly Resource[]): Iterable<Finding> {
  const clusters = resources.filter((resource) => resource.kind === "PostgresHACluster");
  const proxies = resources.filter((resource) => resource.kind === "HAProxyPool");
  for (const resource of resources) {
    if (resource.kind === "PostgresHACluster") continue;
    yield* clusterOf(resource, clusters);
    if (resource.kind === "HostBaseline") yield* targetsOf(resource, resources);
    if (resource.kind === "PgBouncerPool") yield* upstreamOf(resource, proxies);
  }
}

function* clusterOf(
  pool: HAProxyPool | PgBouncerPool | HostBaseline,
  clusters: readonly PostgresHACluster[],
): Iterable<Finding> {
  const names = clusters.filter((cluster) => sameNamespace(cluster, pool)).map((cluster) => cluster.metadata.name);
  const wanted = pool.spec.clusterRef.name;
  if (!names.includes(wanted))
    yield problem(
      pool,
      "spec.clusterRef.name",
      `there is no PostgresHACluster ${shown(wanted)}`,
      wayOut(wanted, names),
    );
}

function* targetsOf(baseline: HostBaseline, resources: readonly Resource[]): Iterable<Finding> {
  const { clusterRef, targets = [] } = baseline.spec;
  for (const [index, { kind, name }] of targets.entries()) {
    const path = `spec.targets[${index}].name`;
    const candidates = resources.filter((one) => one.kind === kind && sameNamespace(one, baseline));
    const found = candidates.find(({ metadata }) => metadata.name === name);
    if (found === undefined) {
      const names = candidates.map(({ metadata }) => metadata.name);
      yield problem(baseline, path, `there is no ${kind} ${shown(name)}`, wayOut(name, names));
      continue;
    }
    const cluster =
      found.kind === "HAProxyPool" || found.kind === "PgBouncerPool" ? found.spec.clusterRef.name : found.metadata.name;
    if (cluster !== clusterRef.name)
      yield problem(
        baseline,
        path,
        `the ${kind} ${shown(name)} belongs to another cluster, ${shown(cluster)}`,
        `take it out: a HostBaseline is about the hosts of one cluster and of its pools`,
      );
  }
}

function* upstreamOf(pool: PgBouncerPool, proxies: readonly HAProxyPool[]): Iterable<Finding> {
  const wanted = pool.spec.haproxyPoolRef?.name;
  const upstream = haproxyPoolOf(pool, proxies);
  if (wanted !== undefined) {
    const names = proxies.filter((proxy) => sameNamespace(proxy, pool)).map((proxy) => proxy.metadata.name);
    if (upstream === undefined)
      yield problem(
        pool,
        "spec.haproxyPoolRef.name",
        `there is no HAProxyPool ${shown(wanted)}`,
        wayOut(wanted, names),
      );
    else if (upstream.spec.clusterRef.name !== pool.spec.clusterRef.name) {
      yield problem(
        pool,
        "spec.haproxyPoolRef.name",
        `the HAProxyPool ${shown(wanted)} serves another cluster, ${shown(upstream.spec.clusterRef.name)}`,
        "name a pool of the same cluster",
      );
    }
    return;
  }
  const name = "set spec.haproxyPoolRef, or list hosts that run HAProxy for this cluster";
  if (upstream === undefined) {
    yield problem(
      pool,
      "spec.haproxyPoolRef",
      "is left out, and not exactly one HAProxyPool of this cluster runs on the hosts of this pool",
      name,
    );
    return;
  }
  const addresses = new Set(upstream.spec.hosts.map((host) => host.address));
  for (const [index, host] of pool.spec.hosts.entries()) {
    if (!addresses.has(host.address))
      yield problem(
        pool,
        `spec.hosts[${index}]`,
        `${shown(host.name)} runs no HAProxy for this cluster, and haproxyPoolRef is left out`,
        name,
      );
  }
}

function wayOut(wanted: string, names: readonly string[]): string {
  const meant = closest(wanted, names);
  if (meant !== undefined) return `did you mean ${meant}?`;
  return names.length === 0 ? "add it to the files given" : `there are ${names.join(", ")}`;
}

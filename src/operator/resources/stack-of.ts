import type { HAProxyPool, Kind, PgBouncerPool, PostgresHACluster, Resource } from "../../api/index.ts";
import type { Stack } from "../../reconcilers/stack.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { judged } from "./judged.ts";
import { inNamespace } from "./known-resources.ts";
import type { KnownResources } from "./known-resources.ts";

/** What one visit is about: a resource with those that it is planned together with, all of its namespace. */
export interface VisitedStack {
  readonly stack: Stack;
  /** As stored, in the same order as `resourcesOf(stack)`. */
  readonly stored: readonly StoredResource[];
}

/**
 * A cluster with all its pools, or a pool with its cluster and that one's other pools. What is being deleted counts for
 * as long as it is there; what the schema refuses is left out, unless `instead` knows another version of it.
 */
export function stackOf(
  resource: Resource,
  stored: StoredResource,
  known: KnownResources,
  instead: (unsound: StoredResource) => Resource | undefined = () => undefined,
): VisitedStack {
  const namespace = stored.metadata.namespace ?? "";
  const cluster = resource.kind === "PostgresHACluster" ? resource.metadata.name : resource.spec.clusterRef.name;
  const sound = (kind: Kind): readonly (readonly [Resource, StoredResource])[] =>
    inNamespace(known, kind, namespace).flatMap((candidate) => {
      // The visited one as the visit knows it, which may be newer.
      const own = candidate.metadata.name === stored.metadata.name && kind === stored.kind ? stored : candidate;
      const verdict = judged(own);
      const version = verdict.sound ? verdict.resource : instead(own);
      return version !== undefined && clusterNameOf(version) === cluster ? [[version, own] as const] : [];
    });
  const clusters = sound("PostgresHACluster");
  const haproxyPools = sound("HAProxyPool");
  const pgbouncerPools = sound("PgBouncerPool");
  return {
    stack: {
      clusters: clusters.map(([found]) => found as PostgresHACluster),
      haproxyPools: haproxyPools.map(([found]) => found as HAProxyPool),
      pgbouncerPools: pgbouncerPools.map(([found]) => found as PgBouncerPool),
    },
    stored: [...clusters, ...haproxyPools, ...pgbouncerPools].map(([, own]) => own),
  };
}

/** The cluster that a resource is, or belongs to. */
export function clusterNameOf(resource: Resource): string {
  return resource.kind === "PostgresHACluster" ? resource.metadata.name : resource.spec.clusterRef.name;
}

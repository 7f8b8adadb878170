import type { HAProxyPool, PgBouncerPool, PostgresHACluster, Resource } from "../api/index.ts";

/** The resources one pass is about, parsed, defaulted and validated together. */
export interface Stack {
  readonly clusters: readonly PostgresHACluster[];
  readonly haproxyPools: readonly HAProxyPool[];
  readonly pgbouncerPools: readonly PgBouncerPool[];
}

/** All resources of a stack, in the order in which they are planned. */
export function resourcesOf({ clusters, haproxyPools, pgbouncerPools }: Stack): readonly Resource[] {
  return [...clusters, ...haproxyPools, ...pgbouncerPools];
}

/** `Kind/name`, as messages, steps and records call a resource. */
export function nameOf(resource: Resource): string {
  return `${resource.kind}/${resource.metadata.name}`;
}

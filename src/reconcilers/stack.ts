import { isService, withPlaces } from "../api/index.ts";
import { contentOf } from "../keep-last.ts";
import type { HAProxyPool, HostBaseline, PgBouncerPool, PostgresHACluster, Resource } from "../api/index.ts";

/** The resources one pass is about, parsed, defaulted and validated together. */
export interface Stack {
  readonly clusters: readonly PostgresHACluster[];
  readonly haproxyPools: readonly HAProxyPool[];
  readonly pgbouncerPools: readonly PgBouncerPool[];
  /** With the hosts of their targets. */
  readonly baselines: readonly HostBaseline[];
}

/** A stack of these resources; baselines get their hosts here. */
export function stackOf(resources: readonly Resource[]): Stack {
  const services = resources.filter(isService);
  return {
    clusters: services.filter((resource) => resource.kind === "PostgresHACluster"),
    haproxyPools: services.filter((resource) => resource.kind === "HAProxyPool"),
    pgbouncerPools: services.filter((resource) => resource.kind === "PgBouncerPool"),
    baselines: resources
      .filter((resource) => resource.kind === "HostBaseline")
      .map((baseline) => withPlaces(baseline, services)),
  };
}

/** All resources of a stack, in the order in which they are planned: the base of a host before what runs on it. */
export function resourcesOf({ clusters, haproxyPools, pgbouncerPools, baselines }: Stack): readonly Resource[] {
  return [...baselines, ...clusters, ...haproxyPools, ...pgbouncerPools];
}

/** `Kind/name`, as messages, steps and records call a resource. */
export function nameOf(resource: Resource): string {
  return `${resource.kind}/${resource.metadata.name}`;
}

/** What a resource asks for, to compare by. It is read anew whenever its status was written, and is the same then. */
export const textOf: (resource: Resource) => string = contentOf((key) => key !== "resourceVersion");

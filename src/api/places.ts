import { keepLast, oncePer } from "../keep-last.ts";
import { canonicalAddress } from "./addresses.ts";
import type { HostBaseline, MemberHost, Place, PoolHost, Resource, ServiceResource } from "./kinds.ts";

/**
 * The hosts of a resource, each with the resource that says how it is reached: its own, or for a HostBaseline those of
 * its targets.
 */
export function placesOf(resource: Resource): readonly Place[] {
  if (resource.kind === "HostBaseline") return resource.places ?? [];
  return resource.spec.hosts.map((host: PoolHost | MemberHost) => ({ host, of: resource }));
}

export function hostsOf(resource: Resource): readonly (PoolHost | MemberHost)[] {
  return placesOf(resource).map(({ host }) => host);
}

export function isService(resource: Resource): resource is ServiceResource {
  return resource.kind !== "HostBaseline";
}

/** What happens on the hosts when it is deleted. What a HostBaseline set stays: services rest on it. */
export function deletionPolicyOf(resource: Resource): "Retain" | "Stop" | "Purge" {
  return isService(resource) ? resource.spec.deletionPolicy : "Retain";
}

/** The resources among these whose hosts a baseline covers. */
export function targetsOfBaseline(
  { metadata, spec }: HostBaseline,
  among: readonly Resource[],
): readonly ServiceResource[] {
  return among.filter(isService).filter((resource) => {
    const cluster = resource.kind === "PostgresHACluster" ? resource.metadata.name : resource.spec.clusterRef.name;
    return (
      cluster === spec.clusterRef.name &&
      (resource.metadata.namespace ?? "default") === (metadata.namespace ?? "default") &&
      (spec.targets?.some(({ kind, name }) => kind === resource.kind && name === resource.metadata.name) ?? true)
    );
  });
}

/**
 * A baseline with the hosts of its targets among these resources: the one place where it gets them. The same object
 * while it and they are the same.
 */
export function withPlaces(baseline: HostBaseline, among: readonly Resource[]): HostBaseline {
  const targets = targetsOfBaseline(baseline, among);
  return placedOnce(baseline).keep(targets, () => {
    const places = new Map<string, Place>();
    for (const place of targets.flatMap(placesOf)) {
      const address = canonicalAddress(place.host.address);
      if (!places.has(address)) places.set(address, place);
    }
    return { ...baseline, places: [...places.values()] };
  });
}

const placedOnce = oncePer((_: HostBaseline) => ({ keep: keepLast<HostBaseline>() }));

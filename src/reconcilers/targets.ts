import type { PoolHost, Resource } from "../api/index.ts";
import { nameOf } from "./reconciler.ts";
import type { HostTarget } from "./world.ts";

/** The hosts of a resource, as the world needs them to reach them. */
export function targetsOf(resource: Resource): readonly HostTarget[] {
  const hosts: readonly PoolHost[] = resource.spec.hosts;
  return hosts.map((host) => ({ name: host.name, address: host.address, hostKey: host.hostKey, ssh: resource.spec.ssh, override: host.ssh, resource: nameOf(resource) }));
}

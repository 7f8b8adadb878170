import { placesOf } from "../api/index.ts";
import type { PoolHost, Resource, SshSpec } from "../api/index.ts";
import { nameOf } from "./stack.ts";

/** A host as a manifest names it, with the SSH settings that hold for it. */
export interface HostTarget {
  readonly name: string;
  readonly address: string;
  readonly hostKey: string | undefined;
  /** The resource's settings; the host's own override them, see sshOf in src/api. */
  readonly ssh: SshSpec;
  readonly override: HostSsh | undefined;
  /** `Kind/name` of the resource that lists it, where its recorded host key is kept. */
  readonly resource: string;
}

type HostSsh = NonNullable<PoolHost["ssh"]>;

/** The hosts of a resource, as the world needs them to reach them. */
export function targetsOf(resource: Resource): readonly HostTarget[] {
  return placesOf(resource).map(({ host, of }) => ({
    name: host.name,
    address: host.address,
    hostKey: host.hostKey,
    ssh: of.spec.ssh,
    override: host.ssh,
    resource: nameOf(of),
  }));
}

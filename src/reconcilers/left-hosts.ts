import { canonicalAddress } from "../api/index.ts";
import type { ServiceResource } from "../api/index.ts";
import type { RecordedFacts } from "../state/index.ts";

/**
 * A host that was taken on, and is not on the list any more or is there with another address: that is another machine.
 */
export interface LeftHost {
  readonly name: string;
  /** Undefined in records from before addresses were kept. */
  readonly address: string | undefined;
  /** Where the list has it now; undefined when it does not. */
  readonly nowAt: string | undefined;
}

/** Whoever was taken on goes on doing what it was set up for, listed or not, until a person says that it is gone. */
export function leftHosts(resource: ServiceResource, recorded: RecordedFacts): readonly LeftHost[] {
  // Before its first start nobody is a member of a cluster, whoever was looked at.
  if (
    resource.kind === "PostgresHACluster" &&
    recorded.systemId === undefined &&
    recorded.bootstrapIntent === undefined
  )
    return [];
  const listed = new Map<string, string>(resource.spec.hosts.map((host) => [host.name, host.address]));
  return Object.entries(recorded.hosts).flatMap(([name, { address, machineId }]): readonly LeftHost[] => {
    if (machineId === undefined) return [];
    const now = listed.get(name);
    const isThere = now !== undefined && (address === undefined || canonicalAddress(address) === canonicalAddress(now));
    return isThere ? [] : [{ name, address, nowAt: now }];
  });
}

/**
 * The hosts that others go by: those on the list and those that left, each where it was set up. Nobody is dropped by a
 * list.
 */
export function hostsInUse(
  resource: ServiceResource,
  recorded: RecordedFacts,
): readonly { readonly name: string; readonly address: string }[] {
  const left = leftHosts(resource, recorded);
  const gone = new Set(left.map((host) => host.name));
  return [
    ...resource.spec.hosts.filter((host) => !gone.has(host.name)).map(({ name, address }) => ({ name, address })),
    // One whose address moved stands where it was, so that no file follows a name to another machine.
    ...left.flatMap(({ name, address }) => (address === undefined ? [] : [{ name, address }])),
  ];
}

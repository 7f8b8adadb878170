import type { Kind, Resource } from "../../api/index.ts";
import { canonicalAddress } from "../../api/addresses.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { judged } from "./judged.ts";
import { identityOf } from "./known-resources.ts";
import type { KnownResources } from "./known-resources.ts";

/** Another resource of the same kind that had a host first. */
export interface Claim {
  readonly host: string;
  readonly address: string;
  /** `namespace/name` of who has it. */
  readonly holder: string;
}

/**
 * The first host of a resource that another of its kind, in whatever namespace, already has: a host carries one
 * Patroni, one HAProxy and one PgBouncer of ours. Who is older has it.
 */
export function earlierClaim(resource: Resource, stored: StoredResource, known: KnownResources): Claim | undefined {
  const addresses = new Map(resource.spec.hosts.map((host) => [canonicalAddress(host.address), host.name]));
  for (const other of known.resources[stored.kind as Kind].list()) {
    if (identityOf(other) === identityOf(stored) || !isOlder(other, stored)) continue;
    const verdict = judged(other);
    const shared = verdict.sound ? verdict.resource.spec.hosts.find((host) => addresses.has(canonicalAddress(host.address))) : undefined;
    if (shared !== undefined) return { host: addresses.get(canonicalAddress(shared.address)) ?? shared.name, address: shared.address, holder: `${other.metadata.namespace ?? ""}/${other.metadata.name}` };
  }
  return undefined;
}

/** Times are whole seconds, so the uid decides where they are equal. */
function isOlder(one: StoredResource, other: StoredResource): boolean {
  const age = ({ metadata }: StoredResource): string => `${metadata.creationTimestamp ?? ""} ${metadata.uid ?? ""}`;
  return age(one) < age(other);
}

import { hostsOf } from "../../api/index.ts";
import type { Kind, Resource } from "../../api/index.ts";
import { canonicalAddress } from "../../api/addresses.ts";
import { oncePer } from "../../keep-last.ts";
import { groupedBy } from "../../runtime/grouped.ts";
import { keyOf } from "../../runtime/kube-object.ts";
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
  const own = rankOf(stored);
  const claims = claimants(known.resources[stored.kind as Kind]);
  for (const host of hostsOf(resource)) {
    const address = canonicalAddress(host.address);
    const earlier = claims
      .get(address)
      ?.find((other) => rankOf(other).identity !== own.identity && rankOf(other).age < own.age);
    if (earlier === undefined) continue;
    const written = addressesOf(earlier).find((one) => canonicalAddress(one) === address);
    return { host: host.name, address: written ?? address, holder: keyOf(earlier) };
  }
  return undefined;
}

/** Who has a host, by its canonical address. */
export const claimants = groupedBy((stored: StoredResource) => addressesOf(stored).map(canonicalAddress));

function addressesOf(stored: StoredResource): readonly string[] {
  const verdict = judged(stored);
  return verdict.sound ? hostsOf(verdict.resource).map(({ address }) => address) : [];
}

/** Who sorts first is older. Times are whole seconds, so the uid decides where they are equal. */
const rankOf = oncePer((stored: StoredResource) => ({
  identity: identityOf(stored),
  age: `${stored.metadata.creationTimestamp ?? ""} ${stored.metadata.uid ?? ""}`,
}));

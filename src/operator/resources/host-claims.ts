import { hostsOf } from "../../api/index.ts";
import type { Kind, Resource } from "../../api/index.ts";
import { canonicalAddress } from "../../api/addresses.ts";
import { oncePer } from "../../keep-last.ts";
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
  const claims = claimsByAddress(known.resources[stored.kind as Kind].list());
  for (const host of hostsOf(resource)) {
    const earlier = claims
      .get(canonicalAddress(host.address))
      ?.find(({ rank }) => rank.identity !== own.identity && rank.age < own.age);
    if (earlier !== undefined) return { host: host.name, address: earlier.address, holder: earlier.holder };
  }
  return undefined;
}

/**
 * All claims by canonical address. A list is a new one when something in it changed, and is asked for much more often.
 */
const claimsByAddress = oncePer((list: readonly StoredResource[]) => {
  const claims = list.flatMap((stored) => {
    const verdict = judged(stored);
    return verdict.sound
      ? hostsOf(verdict.resource).map(({ address }) => ({ address, holder: keyOf(stored), rank: rankOf(stored) }))
      : [];
  });
  return Map.groupBy(claims, ({ address }) => canonicalAddress(address));
});

/** Who sorts first is older. Times are whole seconds, so the uid decides where they are equal. */
const rankOf = oncePer((stored: StoredResource) => ({
  identity: identityOf(stored),
  age: `${stored.metadata.creationTimestamp ?? ""} ${stored.metadata.uid ?? ""}`,
}));

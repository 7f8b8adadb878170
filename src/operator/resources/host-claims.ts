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
  const addresses = hostsByAddress(resource);
  const own = rankOf(stored);
  for (const other of known.resources[stored.kind as Kind].list()) {
    const { identity, age } = rankOf(other);
    if (identity === own.identity || age >= own.age) continue;
    const verdict = judged(other);
    if (!verdict.sound) continue;
    for (const [address, { address: written }] of hostsByAddress(verdict.resource)) {
      const shared = addresses.get(address);
      if (shared !== undefined) return { host: shared.name, address: written, holder: keyOf(other) };
    }
  }
  return undefined;
}

/** Each visit compares a resource with all others, so what is compared is made once. */
const hostsByAddress = oncePer((resource: Resource): ReadonlyMap<string, { readonly name: string; readonly address: string }> =>
  new Map(resource.spec.hosts.map((host) => [canonicalAddress(host.address), host])));

/** Who sorts first is older. Times are whole seconds, so the uid decides where they are equal. */
const rankOf = oncePer((stored: StoredResource) => ({ identity: identityOf(stored), age: `${stored.metadata.creationTimestamp ?? ""} ${stored.metadata.uid ?? ""}` }));

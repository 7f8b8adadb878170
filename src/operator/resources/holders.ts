import { canonicalAddress } from "../../api/addresses.ts";
import { claimants } from "./host-claims.ts";
import type { KnownResources } from "./known-resources.ts";
import { KINDS } from "./resource-types.ts";
import { stackKeyOf } from "./stack-of.ts";

/** The stacks with a host at this address: what happens to it concerns them all. */
export function stacksAt(address: string, known: KnownResources): ReadonlySet<string> {
  const own = canonicalAddress(address);
  return new Set(KINDS.flatMap((kind) => [...(claimants(known.resources[kind]).get(own) ?? [])].map(stackKeyOf)));
}

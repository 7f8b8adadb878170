import { hostsOf } from "../../api/index.ts";
import { canonicalAddress } from "../../api/addresses.ts";
import { oncePer } from "../../keep-last.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { judged } from "./judged.ts";
import type { KnownResources } from "./known-resources.ts";
import { KINDS } from "./resource-types.ts";
import { stackKeyOf } from "./stack-of.ts";

/** The stacks with a host at this address: what happens to it concerns them all. */
export function stacksAt(address: string, known: KnownResources): ReadonlySet<string> {
  return new Set(
    KINDS.flatMap((kind) => stacksByAddress(known.resources[kind].list()).get(canonicalAddress(address)) ?? []).map(
      ({ stack }) => stack,
    ),
  );
}

/** A list is a new one when something in it changed. */
const stacksByAddress = oncePer((list: readonly StoredResource[]) =>
  Map.groupBy(
    list.flatMap((stored) => {
      const verdict = judged(stored);
      const hosts = verdict.sound ? hostsOf(verdict.resource) : [];
      return hosts.map(({ address }) => ({ address: canonicalAddress(address), stack: stackKeyOf(stored) }));
    }),
    ({ address }) => address,
  ),
);

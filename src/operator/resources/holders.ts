import { canonicalAddress } from "../../api/addresses.ts";
import type { Kind } from "../../api/index.ts";
import { oncePer } from "../../keep-last.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { judged } from "./judged.ts";
import type { KnownResources } from "./known-resources.ts";
import { KINDS } from "./resource-types.ts";

/** A resource that has a host at some address. */
export interface Holder {
  readonly kind: Kind;
  readonly key: string;
}

/** Who has a host at this address: what happens to it concerns them all. */
export function holdersOf(address: string, known: KnownResources): readonly Holder[] {
  return KINDS.flatMap((kind) =>
    (keysByAddress(known.resources[kind].list()).get(canonicalAddress(address)) ?? []).map(({ key }) => ({
      kind,
      key,
    })),
  );
}

/** A list is a new one when something in it changed. */
const keysByAddress = oncePer((list: readonly StoredResource[]) =>
  Map.groupBy(
    list.flatMap((stored) => {
      const verdict = judged(stored);
      const hosts = verdict.sound ? verdict.resource.spec.hosts : [];
      return hosts.map(({ address }) => ({ address: canonicalAddress(address), key: keyOf(stored) }));
    }),
    ({ address }) => address,
  ),
);

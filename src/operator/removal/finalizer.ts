import type { LiveResource, StoredResource } from "../../state/live-resource.ts";
import { FINALIZER } from "../annotations.ts";

/** The field is the same in all kinds that have it, and to be heeded even where the rest of the spec makes no sense. */
export function deletionPolicyOf({ spec }: StoredResource): "Retain" | "Stop" | "Purge" {
  const policy = (spec as { readonly deletionPolicy?: unknown } | undefined)?.deletionPolicy;
  return policy === "Stop" || policy === "Purge" ? policy : "Retain";
}

/**
 * Holds a resource only where its deletion asks for something: a pool that is retained can go even while no operator
 * runs. A cluster is always held: Secrets that an earlier version bound to it are to be freed before it goes.
 */
export async function keepFinalizer(live: LiveResource): Promise<void> {
  const isWanted = live.type.kind === "PostgresHACluster" || deletionPolicyOf(live.current()) !== "Retain";
  const { finalizers = [] } = live.current().metadata;
  if (finalizers.includes(FINALIZER) === isWanted) return;
  await live.patchMetadata({
    finalizers: isWanted ? [...finalizers, FINALIZER] : finalizers.filter((name) => name !== FINALIZER),
  });
}

/** Lets the resource go. */
export async function dropFinalizer(live: LiveResource): Promise<void> {
  const { finalizers = [] } = live.current().metadata;
  await live.patchMetadata({ finalizers: finalizers.filter((name) => name !== FINALIZER) });
}

export function isHeld({ metadata }: StoredResource): boolean {
  return metadata.finalizers?.includes(FINALIZER) ?? false;
}

import type { Resource } from "../../api/index.ts";
import { nameOf, resourcesOf, stackOf } from "../../reconcilers/stack.ts";
import type { Stack } from "../../reconcilers/stack.ts";
import { groupedBy } from "../../runtime/grouped.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { judged } from "./judged.ts";
import type { KnownResources } from "./known-resources.ts";
import { KINDS } from "./resource-types.ts";

/** What one visit is about: the resources of a stack, all of one namespace. */
export interface VisitedStack {
  readonly stack: Stack;
  /** As stored, in the same order as `resourcesOf(stack)`. */
  readonly stored: readonly StoredResource[];
}

/**
 * The stack that a resource belongs to, as the queue calls it: `namespace/name` of its cluster, whether that exists or
 * not. A reference never changes, so a resource is in one stack for life.
 */
export function stackKeyOf(stored: StoredResource): string {
  const cluster = stored.kind === "PostgresHACluster" ? stored.metadata.name : clusterNamed(stored);
  return `${stored.metadata.namespace ?? ""}/${cluster}`;
}

/** All resources of a stack as they are known. */
export function residentsOf(key: string, { resources }: Pick<KnownResources, "resources">): readonly StoredResource[] {
  return KINDS.flatMap((kind) => byStack(resources[kind]).get(key) ?? []);
}

/** The keys of all stacks there are. */
export function stackKeys({ resources }: Pick<KnownResources, "resources">): ReadonlySet<string> {
  return new Set(KINDS.flatMap((kind) => [...byStack(resources[kind]).keys()]));
}

const byStack = groupedBy((stored: StoredResource) => [stackKeyOf(stored)]);

/** Those of the resources that can be read, each in the version that is given; what cannot be read is left out. */
export function stackFrom(
  residents: readonly StoredResource[],
  version: (stored: StoredResource) => Resource | undefined = readable,
): VisitedStack {
  const found = residents.flatMap((stored) => {
    const resource = version(stored);
    return resource === undefined ? [] : [{ stored, resource }];
  });
  const stack = stackOf(found.map(({ resource }) => resource));
  const storedOf = new Map(found.map(({ stored, resource }) => [nameOf(resource), stored]));
  return { stack, stored: resourcesOf(stack).flatMap((resource) => storedOf.get(nameOf(resource)) ?? []) };
}

function readable(stored: StoredResource): Resource | undefined {
  const verdict = judged(stored);
  return verdict.sound ? verdict.resource : undefined;
}

/**
 * Of what cannot be read, too. One that names no cluster at all is alone, under a name that no cluster can have.
 */
function clusterNamed({ kind = "", metadata, spec }: StoredResource): string {
  const { clusterRef } = (spec ?? {}) as { readonly clusterRef?: { readonly name?: unknown } | null };
  return typeof clusterRef?.name === "string" ? clusterRef.name : `${kind} ${metadata.name}`;
}

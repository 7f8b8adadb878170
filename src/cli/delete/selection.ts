import { deletionPolicyOf, isService } from "../../api/index.ts";
import type { Resource, ServiceResource } from "../../api/index.ts";
import { PghaError } from "../../errors.ts";
import { nameOf, resourcesOf } from "../../reconcilers/stack.ts";
import type { Stack } from "../../reconcilers/stack.ts";
import { list } from "../../text/words.ts";

/**
 * What is to be deleted, in the order in which it may go: who leads clients somewhere before what they are led to.
 *
 * @throws PghaError for a name that is not in the manifest, for what others of it still rest on, and for what is
 * paused.
 */
export function selection(stack: Stack, words: readonly string[]): readonly Resource[] {
  const inOrder = resourcesOf(stack).toReversed();
  const selected = words.length === 0 ? inOrder : inOrder.filter((resource) => words.some(names(resource)));
  const unknown = words.filter((word) => !inOrder.some((resource) => names(resource)(word)));
  if (unknown.length > 0)
    throw new PghaError(`the manifest has no ${list(unknown)}`, {
      reason: "ResourceUnknown",
      retry: "never",
      wayOut: `it has ${list(inOrder.map(nameOf))}`,
    });
  for (const resource of selected) refuse(resource, stack, selected);
  return selected;
}

/** As it stands in plans; the kind is known whatever its capitals. */
function names(resource: Resource): (word: string) => boolean {
  const own = [resource.kind.toLowerCase(), resource.metadata.name].join("/");
  return (word) => {
    const [kind = "", name = ""] = word.split("/");
    return `${kind.toLowerCase()}/${name}` === own;
  };
}

function refuse(resource: Resource, stack: Stack, selected: readonly Resource[]): void {
  const name = nameOf(resource);
  if (!isService(resource) || deletionPolicyOf(resource) === "Retain") return;
  if (resource.spec.paused === true)
    throw new PghaError(`${name} is paused, so nothing of it is stopped or removed`, {
      reason: "Paused",
      retry: "never",
      wayOut: "take spec.paused out of the manifest first",
    });
  const resting = restingOn(resource, stack).filter((other) => !selected.includes(other));
  if (resting.length > 0)
    throw new PghaError(`${list(resting.map(nameOf))} would lead clients to ${name}, which would be gone`, {
      reason: "ResourceInUse",
      retry: "never",
      wayOut:
        `name ${resting.length === 1 ? "it" : "them"}, too, or take ` +
        `${resting.length === 1 ? "it" : "them"} out of the manifest`,
    });
}

function restingOn(resource: ServiceResource, { haproxyPools, pgbouncerPools }: Stack): readonly Resource[] {
  const cluster = resource.kind === "PostgresHACluster" ? resource.metadata.name : resource.spec.clusterRef.name;
  const poolers = pgbouncerPools.filter((pool) => pool.spec.clusterRef.name === cluster);
  switch (resource.kind) {
    case "PostgresHACluster":
      return [...poolers, ...haproxyPools.filter((pool) => pool.spec.clusterRef.name === cluster)];
    case "HAProxyPool":
      return poolers;
    case "PgBouncerPool":
      return [];
  }
}

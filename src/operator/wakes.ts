import type { Kind } from "../api/index.ts";
import { keepLast } from "../keep-last.ts";
import type { Controller } from "../runtime/controller.ts";
import { keyOf } from "../runtime/kube-object.ts";
import type { KubeObject } from "../runtime/kube-object.ts";
import type { Reflector } from "../runtime/reflector.ts";
import { isMoreThanStatus, wakeOn } from "../runtime/wake-on.ts";
import type { KubeSecret } from "../state/kube-secrets.ts";
import type { StoredResource } from "../state/live-resource.ts";
import type { KnownResources } from "./resources/known-resources.ts";
import { KINDS, ofEachKind } from "./resources/resource-types.ts";
import { secretNamesOf } from "./resources/secret-names.ts";
import { residentsOf, stackFrom, stackKeyOf, stackKeys } from "./resources/stack-of.ts";

/** What is watched. */
export interface Watches {
  readonly resources: Readonly<Record<Kind, Pick<Reflector<StoredResource>, "onChange" | "store">>>;
  readonly secrets: readonly Pick<Reflector<KubeSecret>, "onChange">[];
}

/**
 * A stack is looked at when a person changes any of its resources, and when a Secret of any of them changes. What its
 * resources say of themselves is its own word, and wakes nobody.
 */
export function wakeStacks(controller: Pick<Controller, "wake">, { resources, secrets }: Watches): void {
  for (const kind of KINDS) wakeOn(controller, resources[kind], (resource) => [stackKeyOf(resource)], isMoreThanStatus);
  const referring = stacksBySecret(resources);
  for (const watch of secrets) wakeOn(controller, watch, (secret) => referring(secret));
}

/** The stacks that a Secret matters to, by an index that is made again only when a resource changed. */
function stacksBySecret(resources: Watches["resources"]): (secret: KubeObject) => Iterable<string> {
  const known = { resources: ofEachKind((kind) => resources[kind].store) };
  const kept = keepLast<ReadonlyMap<string, readonly string[]>>();
  return (secret) => {
    const lists = KINDS.map((kind) => known.resources[kind].list());
    return kept(lists, () => indexOf(known)).get(keyOf(secret)) ?? [];
  };
}

/** By `namespace/name` of each Secret that any stack refers to. */
function indexOf(known: Pick<KnownResources, "resources">): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  for (const key of stackKeys(known)) {
    const residents = residentsOf(key, known);
    const namespace = residents[0]?.metadata.namespace ?? "";
    for (const name of secretNamesOf(stackFrom(residents).stack)) {
      const secret = `${namespace}/${name}`;
      const stacks = index.get(secret) ?? [];
      stacks.push(key);
      index.set(secret, stacks);
    }
  }
  return index;
}

import type { Kind } from "../api/index.ts";
import type { Controller } from "../runtime/controller.ts";
import { keyOf } from "../runtime/kube-object.ts";
import type { KubeObject } from "../runtime/kube-object.ts";
import type { Reflector } from "../runtime/reflector.ts";
import { isMoreThanStatus, wakeOn } from "../runtime/wake-on.ts";
import type { KubeSecret } from "../state/kube-secrets.ts";
import type { StoredResource } from "../state/live-resource.ts";
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

/**
 * The stacks that a Secret matters to. Which Secrets a stack refers to is worked out when it is first asked for, and
 * again once somebody changed a resource of it: what a thousand stacks refer to takes longer than a lease may wait.
 */
function stacksBySecret(resources: Watches["resources"]): (secret: KubeObject) => Iterable<string> {
  const known = { resources: ofEachKind((kind) => resources[kind].store) };
  const changed = new Set(stackKeys(known));
  const secretsOf = new Map<string, readonly string[]>();
  const stacksOf = new Map<string, Set<string>>();
  for (const kind of KINDS)
    resources[kind].onChange((change) => {
      if (isMoreThanStatus(change)) changed.add(stackKeyOf(change.object));
    });
  return (secret) => {
    for (const stack of changed) {
      for (const key of secretsOf.get(stack) ?? []) {
        const stacks = stacksOf.get(key);
        stacks?.delete(stack);
        if (stacks?.size === 0) stacksOf.delete(key);
      }
      const keys = secretKeysOf(residentsOf(stack, known));
      if (keys.length === 0) secretsOf.delete(stack);
      else secretsOf.set(stack, keys);
      for (const key of keys) stacksOf.set(key, (stacksOf.get(key) ?? new Set()).add(stack));
    }
    changed.clear();
    return stacksOf.get(keyOf(secret)) ?? [];
  };
}

/** `namespace/name` of each Secret that these resources of a stack refer to. */
function secretKeysOf(residents: readonly StoredResource[]): readonly string[] {
  const namespace = residents[0]?.metadata.namespace ?? "";
  return [...secretNamesOf(stackFrom(residents).stack)].map((name) => `${namespace}/${name}`);
}

import { isDeepStrictEqual } from "node:util";
import type { Controller } from "./controller.ts";
import type { KubeObject } from "./kube-object.ts";
import { keyOf } from "./kube-object.ts";
import type { ObjectChange } from "./object-store.ts";
import type { Reflector } from "./reflector.ts";

/**
 * Wakes resources of a controller when objects change: themselves, or what they refer to. `keysFor` maps an object
 * to the keys of those it matters to; of an update both the old and the new state are asked, since it may have
 * stopped to matter to one.
 */
export function wakeOn<T extends KubeObject>(
  controller: Pick<Controller, "wake">,
  reflector: Pick<Reflector<T>, "onChange">,
  keysFor: (object: T) => Iterable<string> = (object) => [keyOf(object)],
  matters: (change: ObjectChange<T>) => boolean = () => true,
): void {
  reflector.onChange((change) => {
    if (!matters(change)) return;
    const states = change.kind === "updated" ? [change.before, change.object] : [change.object];
    for (const key of new Set(states.flatMap((state) => [...keysFor(state)]))) controller.wake(key);
  });
}

/** What a person can have meant: anything but a change of status alone, which is mostly the controller's own. */
export function isMoreThanStatus(change: ObjectChange<KubeObject>): boolean {
  return change.kind !== "updated" || !isDeepStrictEqual(intent(change.before), intent(change.object));
}

/** Spec counts through the generation: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
function intent({ metadata }: KubeObject): object {
  const { uid, generation, labels, annotations, finalizers, ownerReferences, deletionTimestamp } = metadata;
  return { uid, generation, labels, annotations, finalizers, ownerReferences, deletionTimestamp };
}

import { keyOf } from "./kube-object.ts";
import type { KubeObject } from "./kube-object.ts";

/** What is known of one type of object, by key (`namespace/name`). */
export interface ObjectStore<T extends KubeObject> {
  get(key: string): T | undefined;
  list(): readonly T[];
  readonly size: number;
}

/** What happened to an object since it was last known. */
export type ObjectChange<T extends KubeObject> =
  | { readonly kind: "added"; readonly object: T }
  | { readonly kind: "updated"; readonly object: T; readonly before: T }
  | { readonly kind: "deleted"; readonly object: T };

/** A store with its one writer's side. */
export interface WritableStore<T extends KubeObject> extends ObjectStore<T> {
  /** Takes a newer state of one object; undefined when nothing changed. */
  put(object: T): ObjectChange<T> | undefined;
  /** The object is gone; its last state comes from the caller. */
  remove(object: T): ObjectChange<T> | undefined;
  /** Takes a whole list, and returns what is different from before. */
  replace(objects: readonly T[]): readonly ObjectChange<T>[];
}

export function createObjectStore<T extends KubeObject>(): WritableStore<T> {
  const objects = new Map<string, T>();
  let listed: readonly T[] | undefined;

  const store: WritableStore<T> = {
    get: (key) => objects.get(key),
    list: () => (listed ??= [...objects.values()]),
    get size() {
      return objects.size;
    },

    put(object) {
      const key = keyOf(object);
      const before = objects.get(key);
      objects.set(key, object);
      listed = undefined;
      if (before === undefined) return { kind: "added", object };
      return isSameState(before, object) ? undefined : { kind: "updated", object, before };
    },

    remove(object) {
      listed = undefined;
      return objects.delete(keyOf(object)) ? { kind: "deleted", object } : undefined;
    },

    replace(list) {
      const present = new Set(list.map(keyOf));
      const deleted = [...objects].filter(([key]) => !present.has(key)).map(([, object]) => object);
      return [...deleted.map((object) => store.remove(object)), ...list.map((object) => store.put(object))].filter(
        (change) => change !== undefined,
      );
    },
  };
  return store;
}

/** An object of the same name that was deleted and made again has another uid, and never the same resourceVersion. */
function isSameState(one: KubeObject, other: KubeObject): boolean {
  return one.metadata.resourceVersion !== undefined && one.metadata.resourceVersion === other.metadata.resourceVersion;
}

import type { KubeObject } from "./kube-object.ts";
import type { ObjectStore } from "./object-store.ts";

/** What a store holds, by each of an object's keys, in the order of its list. */
export type Grouped<T extends KubeObject> = (store: Pick<ObjectStore<T>, "list">) => ReadonlyMap<string, readonly T[]>;

/**
 * Groups what stores hold, and keeps it: with thousands of objects, one of them is written every few milliseconds, and
 * everybody asks in between. A newer version of an object that has the same keys takes the older one's place, and an
 * object that is new comes last; only when one left, or changed its keys, all are grouped anew.
 */
export function groupedBy<T extends KubeObject>(keysOf: (object: T) => readonly string[]): Grouped<T> {
  const kept = new WeakMap<object, Groups<T>>();
  return (store) => {
    const list = store.list();
    const last = kept.get(store);
    if (last?.list === list) return last.groups;
    kept.delete(store);
    const groups = (last === undefined ? undefined : renewed(last, list, keysOf)) ?? anew(list, keysOf);
    kept.set(store, groups);
    return groups.groups;
  };
}

interface Groups<T> {
  readonly list: readonly T[];
  /** Of each object of the list. */
  readonly keys: (readonly string[])[];
  readonly groups: Map<string, readonly T[]>;
}

function anew<T>(list: readonly T[], keysOf: (object: T) => readonly string[]): Groups<T> {
  const made: Groups<T> = { list, keys: [], groups: new Map() };
  for (const object of list) append(made, object, keysOf(object));
  return made;
}

/** Undefined when it takes more than to replace and to append. */
function renewed<T extends KubeObject>(
  { list: before, keys, groups }: Groups<T>,
  list: readonly T[],
  keysOf: (object: T) => readonly string[],
): Groups<T> | undefined {
  if (list.length < before.length) return undefined;
  const made: Groups<T> = { list, keys, groups };
  for (const [index, object] of list.entries()) {
    const old = before[index];
    if (old === object) continue;
    const own = keysOf(object);
    if (old === undefined) append(made, object, own);
    else if (isVersionOf(object, old) && isSame(own, keys[index] ?? []))
      for (const key of own) replace(groups, key, old, object);
    else return undefined;
  }
  return made;
}

function append<T>({ keys, groups }: Groups<T>, object: T, own: readonly string[]): void {
  keys.push(own);
  for (const key of own) groups.set(key, [...(groups.get(key) ?? []), object]);
}

function replace<T>(groups: Map<string, readonly T[]>, key: string, old: T, object: T): void {
  groups.set(
    key,
    (groups.get(key) ?? []).map((one) => (one === old ? object : one)),
  );
}

/** One that left and one that came would leave a list as long as it was. */
function isVersionOf({ metadata: object }: KubeObject, { metadata: old }: KubeObject): boolean {
  return object.name === old.name && object.namespace === old.namespace;
}

function isSame(own: readonly string[], before: readonly string[]): boolean {
  return own.length === before.length && own.every((key, index) => key === before[index]);
}

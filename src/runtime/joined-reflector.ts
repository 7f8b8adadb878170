import type { KubeObject } from "./kube-object.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Reflector } from "./reflector.ts";

/**
 * Several reflectors of one type as one, each of another namespace: an API server can be asked for all namespaces or
 * for one, and who may see three may not ask for all.
 */
export function joinReflectors<T extends KubeObject>(parts: readonly Reflector<T>[]): Reflector<T> {
  const [only] = parts;
  if (only === undefined) throw new TypeError("there is nothing to join");
  if (parts.length === 1) return only;
  return {
    selection: only.selection,
    store: joinStores(parts.map(({ store }) => store)),
    onChange: (listener) => parts.forEach((part) => part.onChange(listener)),
    synced: () => parts.every((part) => part.synced()),
    whenSynced: async (signal) => void (await Promise.all(parts.map((part) => part.whenSynced(signal)))),
    run: async (signal) => void (await Promise.all(parts.map((part) => part.run(signal)))),
  };
}

function joinStores<T extends KubeObject>(stores: readonly ObjectStore<T>[]): ObjectStore<T> {
  // The same list as long as nothing changed, as that of each part is: what is worked out of it need not be again.
  let parts: readonly (readonly T[])[] = [];
  let joined: readonly T[] = [];
  return {
    get: (key) => stores.map((store) => store.get(key)).find((found) => found !== undefined),
    list: () => {
      const lists = stores.map((store) => store.list());
      if (lists.some((list, index) => list !== parts[index])) [parts, joined] = [lists, lists.flat()];
      return joined;
    },
    get size() {
      return stores.reduce((sum, { size }) => sum + size, 0);
    },
  };
}

/** Gives what was made last, while every part that it was made from is the same object; else has it made anew. */
export type KeepLast<T> = (parts: readonly unknown[], make: () => T) => T;

/**
 * A memory of one result, for a pure function whose arguments rarely change. Parts are compared by identity, so they
 * must be such as are replaced, never changed.
 */
export function keepLast<T>(): KeepLast<T> {
  let last: { readonly parts: readonly unknown[]; readonly made: T } | undefined;
  return (parts, make) => {
    if (last === undefined || !sameObjects(last.parts, parts)) last = { parts, made: make() };
    return last.made;
  };
}

/**
 * The same of a function of one object, for each object by itself, as long as that lives. What cannot be made is not
 * kept.
 */
export function oncePer<Key extends object, T extends object>(make: (key: Key) => T): (key: Key) => T {
  const made = new WeakMap<Key, T>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(key);
    made.set(key, fresh);
    return fresh;
  };
}

/**
 * What an object holds, as a text to compare by, for such as are replaced by equal ones: another text for what is
 * another object in any way. Worked out once for each. `isPart` says what of it counts, by its key; left out, all.
 */
export function contentOf(isPart: (key: string) => boolean = () => true): (object: object) => string {
  const texts = oncePer((object: object) => ({
    text: JSON.stringify(object, (key, value: unknown) => (isPart(key) ? value : undefined)),
  }));
  return (object) => texts(object).text;
}

function sameObjects(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((part, index) => Object.is(part, right[index]));
}

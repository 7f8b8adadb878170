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

function sameObjects(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((part, index) => Object.is(part, right[index]));
}

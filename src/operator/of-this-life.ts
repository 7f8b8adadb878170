/**
 * Whether what an annotation asks for at a time is to be done: not before that time, and not what was asked of an
 * earlier resource of that name, out of whose manifest the annotation came along.
 */
export function isOfThisLife(timeMs: number | undefined, created: string | undefined, nowMs: number): boolean {
  return (
    timeMs === undefined ||
    (timeMs <= nowMs + CLOCKS_DIFFER_MS && timeMs >= Date.parse(created ?? "") - CLOCKS_DIFFER_MS)
  );
}

/** How far a person's clock and the API server's may be apart. */
const CLOCKS_DIFFER_MS = 300_000;

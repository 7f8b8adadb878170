/**
 * The candidate that a misspelt word was probably meant to be: at most two edits away, or the same but for case and
 * separators.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_.]/g, "");
  const alike = candidates.find((candidate) => plain(candidate) === plain(word));
  if (alike !== undefined) return alike;
  const allowed = word.length <= 4 ? 1 : 2;
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(plain(word), plain(candidate)) }))
    .toSorted((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= allowed ? best.candidate : undefined;
}

/** Edits (insert, delete, replace, swap neighbours) between two words. */
function distance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current: number[] = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let cheapest = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        cheapest = Math.min(cheapest, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cheapest);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}

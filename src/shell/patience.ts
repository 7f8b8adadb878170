/** So many parts must pass, each of which this process came round to. */
const PARTS = 8;

/**
 * Gives up on a host after so many milliseconds, unless it is called off by what this returns. Only time in which this
 * process could have heard an answer counts: one that has no processor for a while (a limit of its container's, a
 * machine that is too busy) finds answers and timers waiting together, and would say of a host that it is silent.
 */
export function patience(milliseconds: number, giveUp: () => void): () => void {
  let left = PARTS;
  let timer = setTimeout(pass, milliseconds / PARTS);
  return () => clearTimeout(timer);

  function pass(): void {
    left -= 1;
    if (left === 0) giveUp();
    else timer = setTimeout(pass, milliseconds / PARTS);
  }
}

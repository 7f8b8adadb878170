import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

/** A turn of the event loop that takes longer says that what is in hand has no processor left. */
const LONG_TURN_MS = 100;
const PAUSE_MS = 50;
/** However busy: it goes on, if slowly. */
const LONGEST_MS = 250;

/**
 * Lets one after the other begin, each once the event loop comes round quickly. The first visits of many stacks come at
 * once, and cost far more than later ones; all begun together, each waits for all the others longer than hosts and the
 * API server are given to answer, and the lease is lost.
 */
export function loopRoom(): () => Promise<void> {
  let last = Promise.resolve();
  return () => (last = last.then(untilQuick));
}

async function untilQuick(): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < LONGEST_MS) {
    const at = performance.now();
    // One turn to come to its end, and a whole one.
    await turn();
    await turn();
    if (performance.now() - at < LONG_TURN_MS) return;
    await sleep(PAUSE_MS);
  }
}

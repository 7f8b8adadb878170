import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is truthy and returns it; throws with `what` and the last error when the deadline passes. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  deadlineMs = 20_000,
  everyMs = 50,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + deadlineMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `${what}: not within ${deadlineMs / 1000} s`,
        lastError === undefined ? {} : { cause: lastError },
      );
    }
    await sleep(everyMs);
  }
}

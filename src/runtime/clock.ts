import { performance } from "node:perf_hooks";

/** Time as an argument, so that a test can move it. */
export interface Clock {
  /** Wall clock, in milliseconds since 1970. May jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back, and goes on while this process is stopped by SIGSTOP. */
  monotonic(): number;
  /** Resolves after so many milliseconds, or as soon as the signal aborts; never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * A timer that is asked for more than this fires at once:
 * https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
 */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(milliseconds, signal) {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(finish, Math.min(milliseconds, LONGEST_TIMER_MS));
      signal?.addEventListener("abort", finish, { once: true });
      function finish(): void {
        clearTimeout(timer);
        signal?.removeEventListener("abort", finish);
        resolve();
      }
    });
  },
};

import type { Clock } from "../../../src/runtime/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that a test moves. Sleepers wake in order of their time, each with the clock at that time. */
export class FakeClock implements Clock {
  #time = 0;
  #wallOffset = Date.UTC(2026, 0, 1);
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#wallOffset + this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  /** How many sleep at this moment. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { at: this.#time + milliseconds, wake: finish };
      const sleepers = this.#sleepers;
      sleepers.add(sleeper);
      signal?.addEventListener("abort", finish, { once: true });
      function finish(): void {
        sleepers.delete(sleeper);
        signal?.removeEventListener("abort", finish);
        resolve();
      }
    });
  }

  /** Lets so many milliseconds pass, with everything that becomes due on the way. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds;
    await settle();
    for (;;) {
      const [next] = [...this.#sleepers].toSorted((one, other) => one.at - other.at);
      if (next === undefined || next.at > end) break;
      this.#time = Math.max(this.#time, next.at);
      next.wake();
      await settle();
    }
    this.#time = end;
  }

  /** Time passes and nothing runs, as for a process that was stopped. */
  freeze(milliseconds: number): void {
    this.#time += milliseconds;
  }

  /** The wall clock is set, as by NTP; the monotonic one does not see it. */
  setWallClock(byMilliseconds: number): void {
    this.#wallOffset += byMilliseconds;
  }
}

/** Lets everything that is ready to run, run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

import type { Step, Wait } from "../plan/plan.ts";

/** Remembers, for the length of one apply, how long each thing is being waited for. */
export class WaitClock {
  readonly #since = new Map<string, number>();

  /**
   * Notes what is waited for now; what is not any more starts anew should it come back. Returns one that is overdue.
   */
  overdue(waits: readonly Wait[], now: number): { readonly wait: Wait; readonly waitedMs: number } | undefined {
    const current = new Set(waits.map(keyOf));
    for (const key of this.#since.keys()) if (!current.has(key)) this.#since.delete(key);
    for (const wait of waits) {
      const since = this.#since.get(keyOf(wait)) ?? now;
      this.#since.set(keyOf(wait), since);
      if (now - since > wait.deadlineSeconds * 1000) return { wait, waitedMs: now - since };
    }
    return undefined;
  }
}

function keyOf(wait: Wait): string {
  return JSON.stringify([wait.resource, wait.host, wait.reason]);
}

const TRIES = 3;

/** Notices a step that was done, and is planned again all the same, more often than chance explains. */
export class RepeatGuard {
  readonly #done = new Map<string, number>();

  /** The first step that did not hold, or undefined. Call with the steps about to be taken. */
  doesNotHold(steps: readonly Step[]): Step | undefined {
    for (const step of steps) {
      const key = `${step.id} ${step.because}`;
      const times = (this.#done.get(key) ?? 0) + 1;
      this.#done.set(key, times);
      if (times > TRIES) return step;
    }
    return undefined;
  }
}

import type { Step } from "../../plan/plan.ts";

/** A service may take this long to show what it was told: Patroni reads its file at the next turn of its loop. */
const SETTLE_MS = 15_000;
const TRIES = 3;

/** Which of the steps that are planned should be taken at this moment. */
export interface Verdict {
  readonly now: readonly Step[];
  /** They were done a moment ago and may be about to show. */
  readonly later: readonly Step[];
  /** One that was done several times, each time with all the patience it may need, and is still planned. */
  readonly undone: Step | undefined;
}

/** Remembers what was done, so that a step which is planned again at once is neither repeated at once nor for ever. */
export class Patience {
  readonly #done = new Map<string, { readonly times: number; readonly at: number }>();

  judge(steps: readonly Step[], nowMs: number): Verdict {
    const isSettling = (step: Step): boolean => nowMs - (this.#done.get(keyOf(step))?.at ?? -Infinity) < SETTLE_MS;
    const due = steps.filter((step) => !isSettling(step));
    return {
      now: due,
      later: steps.filter(isSettling),
      undone: due.find((step) => (this.#done.get(keyOf(step))?.times ?? 0) >= TRIES),
    };
  }

  noteDone(step: Step, nowMs: number): void {
    this.#done.set(keyOf(step), { times: (this.#done.get(keyOf(step))?.times ?? 0) + 1, at: nowMs });
  }

  /** After a person was told: one more try at the next visit. */
  allowOneMore(step: Step): void {
    this.#done.set(keyOf(step), { times: TRIES - 1, at: -Infinity });
  }
}

function keyOf({ id, because }: Step): string {
  return `${id} ${because}`;
}

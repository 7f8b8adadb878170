import type { Plan, Step, Wait } from "../plan/plan.ts";
import type { StepFailure } from "./events.ts";

/** Between two looks at what is away, or comes by itself some time. */
export const AWAY_POLL_MS = 10_000;
/** How long a step that somebody undoes is left alone before it is tried once more. */
export const UNDONE_REST_MS = 300_000;

/** What time means to who takes turns. */
export interface Manner {
  /** A service may take this long to show what it was told: a step that is planned again sooner is not repeated yet. */
  readonly settleMs: number;
  /** Between two looks at something under way: often while it is young. */
  readonly youngMs: number;
  readonly youngForMs: number;
  readonly oldMs: number;
}

/** Somebody waits for the end. */
export const HURRIED: Manner = { settleMs: 0, youngMs: 500, youngForMs: Infinity, oldMs: 500 };
/**
 * Asks for ever. Patroni reads its file at the next turn of its loop; what is old is looked at as often as what is
 * well.
 */
export const STEADY: Manner = { settleMs: 15_000, youngMs: 1_000, youngForMs: 60_000, oldMs: 5_000 };

/** Something that is waited for, and what makes it the same from look to look. */
export interface Waited {
  readonly resource?: string;
  readonly host?: string;
  readonly reason: string;
  readonly deadlineSeconds: number;
  readonly clock?: Wait["clock"];
}

export interface Timed<W extends Waited> {
  readonly wait: W;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Until when it may take with what it has in common with waits before it. */
  readonly clockUntilMs?: number;
  /**
   * Once it is overdue: what the service said there. Asked once: what it says of a wait that goes on does not change by
   * asking.
   */
  said?: readonly string[];
}

/** A step that failed, or that somebody undoes each time. */
export interface Trouble {
  readonly kind: "failed" | "undone";
  readonly step: Step;
  readonly failure: StepFailure;
}

const TRIES = 3;

/**
 * What is remembered from turn to turn, and nothing else is. When it is lost, something is tried once more or waited
 * for a little longer.
 */
export class Patience {
  readonly manner: Manner;
  readonly #done = new Map<string, { readonly times: number; readonly atMs: number }>();
  #waits: ReadonlyMap<string, Timed<Waited>> = new Map();
  #trouble: Trouble | undefined;
  #rest: { readonly untilMs: number; readonly asked: string } | undefined;

  constructor(manner: Manner) {
    this.manner = manner;
  }

  /**
   * Those of the steps that are due: the others were done a moment ago. `undone`: done several times, and planned
   * still.
   */
  judge(steps: readonly Step[], nowMs: number): { readonly due: readonly Step[]; readonly undone: Step | undefined } {
    const { settleMs } = this.manner;
    const due = steps.filter((step) => nowMs - (this.#done.get(sameness(step))?.atMs ?? -Infinity) >= settleMs);
    return { due, undone: due.find((step) => (this.#done.get(sameness(step))?.times ?? 0) >= TRIES) };
  }

  noteDone(step: Step, nowMs: number): void {
    this.#done.set(sameness(step), { times: (this.#done.get(sameness(step))?.times ?? 0) + 1, atMs: nowMs });
  }

  /**
   * Since when and until when each is waited for. `until` of an earlier process, if it was stored, goes on for the
   * first: waiting does not begin anew because a process did.
   */
  timesOf<W extends Waited>(waits: readonly W[], nowMs: number, until?: string): readonly Timed<W>[] {
    const earlier = this.#waits.size === 0 ? Date.parse(until ?? "") : Number.NaN;
    return waits.map((wait, index) =>
      this.#timeOf(wait, nowMs, index > 0 || Number.isNaN(earlier) ? undefined : earlier),
    );
  }

  #timeOf<W extends Waited>(wait: W, nowMs: number, earlierMs: number | undefined): Timed<W> {
    const own = this.#waits.get(samenessOf(wait));
    if (own !== undefined) return { ...own, wait };
    const untilMs = earlierMs ?? nowMs + wait.deadlineSeconds * 1000;
    const { resource, clock } = wait;
    if (clock === undefined) return { wait, sinceMs: nowMs, untilMs };
    const same = [...this.#waits.values()].find(
      ({ wait: before }) => before.resource === resource && before.clock?.of === clock.of,
    );
    const clockUntilMs = same?.clockUntilMs ?? earlierMs ?? nowMs + clock.deadlineSeconds * 1000;
    return { wait, sinceMs: same?.sinceMs ?? nowMs, untilMs: Math.min(untilMs, clockUntilMs), clockUntilMs };
  }

  /**
   * Keeps what is waited for now in mind; what is not any more starts anew should it come back. On a host of which
   * something is waited for all the while, reasons may take turns, as tries that fail do: each goes on then.
   */
  keepTimes(timed: readonly Timed<Waited>[]): void {
    const isAway = ({ wait }: Timed<Waited>): boolean =>
      wait.host !== undefined &&
      timed.some(({ wait: now }) => now.host === wait.host && now.resource === wait.resource);
    this.#waits = new Map(
      [...[...this.#waits.values()].filter(isAway), ...timed].map((one) => [samenessOf(one.wait), one]),
    );
  }

  /** Nothing is tried again before then, unless something else is asked for. One that is undone gets one more try. */
  rest(trouble: Trouble, untilMs: number, asked: string): void {
    this.#trouble = trouble;
    this.#rest = { untilMs, asked };
    if (trouble.kind === "undone") this.#done.set(sameness(trouble.step), { times: TRIES - 1, atMs: -Infinity });
  }

  get isResting(): boolean {
    return this.#rest !== undefined;
  }

  restsUntil(nowMs: number, asked: string): number | undefined {
    return this.#rest !== undefined && this.#rest.untilMs > nowMs && this.#rest.asked === asked
      ? this.#rest.untilMs
      : undefined;
  }

  /** Steps were taken, and none of them failed. */
  endRest(): void {
    this.#rest = undefined;
  }

  /** What went wrong last, while the plan has that step still. */
  troubleIn({ steps }: Plan): Trouble | undefined {
    if (!steps.some(({ id }) => id === this.#trouble?.step.id)) this.#trouble = undefined;
    return this.#trouble;
  }

  /** All is as wanted. */
  forget(): void {
    this.#done.clear();
    this.#waits = new Map();
    this.#trouble = undefined;
    this.#rest = undefined;
  }
}

function sameness({ id, because }: Step): string {
  return `${id} ${because}`;
}

function samenessOf({ resource, host, reason }: Waited): string {
  return JSON.stringify([resource, host, reason]);
}

import type { Plan, Stage, Step, Wait } from "../plan/plan.ts";
import { healsByItself } from "../reasons.ts";
import type { StepFailure } from "./events.ts";
import { AWAY_POLL_MS } from "./patience.ts";
import type { Manner, Timed } from "./patience.ts";

/** What comes next for one, by its own plan and its own patience. */
export type Next =
  | { readonly kind: "done" }
  | { readonly kind: "blocked"; readonly plan: Plan }
  | Waiting
  /** Something failed a while ago and is not tried again yet. */
  | { readonly kind: "rest"; readonly untilMs: number }
  /** All of it was done a moment ago, and may be about to show. */
  | { readonly kind: "settling" }
  | { readonly kind: "undone"; readonly step: Step; readonly failure: StepFailure }
  | { readonly kind: "steps"; readonly steps: readonly Step[] };

export interface Waiting {
  readonly kind: "wait";
  /** All of them, the first first. */
  readonly timed: readonly Timed<Wait>[];
  /** One that lasts too long, with what the service there says of it. */
  readonly overdue?: Timed<Wait>;
  /** Somebody watched for its signs: what is worth a look may be there now. */
  readonly isWatched?: true;
}

/** What came of a turn for one. */
export type Ending =
  | Exclude<Next, { readonly kind: "steps" }>
  /** Steps were taken, its own or those of others that come before. */
  | { readonly kind: "taken"; readonly stage: Stage; readonly steps: readonly Step[] }
  /** What is out of service leaves no room in its budget. */
  | { readonly kind: "crowded" }
  | { readonly kind: "failed"; readonly step: Step; readonly failure: StepFailure }
  | { readonly kind: "interrupted" };

/** When to look again: after some time in any case, or when it is settled, at a poll. */
export type When =
  | { readonly kind: "again"; readonly afterMs: number }
  | { readonly kind: "settled"; readonly pollMs?: number };

const AT_ONCE: When = { kind: "again", afterMs: 1 };
/** Between two looks whether what was done shows. */
const SETTLING_MS = 1_000;

export function waitingFor(timed: readonly Timed<Wait>[], nowMs: number): Waiting {
  const overdue = timed.find(({ untilMs }) => nowMs > untilMs);
  return { kind: "wait", timed, ...(overdue === undefined ? {} : { overdue }) };
}

export function whenAgain(ending: Ending, { youngMs, youngForMs, oldMs }: Manner, nowMs: number): When {
  switch (ending.kind) {
    case "done":
      return { kind: "settled" };
    case "blocked":
      return ending.plan.blockers.some(({ reason }) => healsByItself(reason))
        ? { kind: "settled", pollMs: AWAY_POLL_MS }
        : { kind: "settled" };
    case "crowded":
      return { kind: "settled", pollMs: AWAY_POLL_MS };
    case "wait":
      if (ending.isWatched === true) return AT_ONCE;
      if (ending.overdue !== undefined) return { kind: "settled" };
      return { kind: "again", afterMs: nowMs - (ending.timed[0]?.sinceMs ?? 0) > youngForMs ? oldMs : youngMs };
    case "rest":
      return { kind: "again", afterMs: ending.untilMs - nowMs };
    case "settling":
      return { kind: "again", afterMs: SETTLING_MS };
    case "taken":
    case "failed":
    case "undone":
    case "interrupted":
      return AT_ONCE;
  }
}

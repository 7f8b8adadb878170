import { PghaError } from "../errors.ts";
import type { RetryClass } from "../errors.ts";
import { DEFAULT_BACKOFF, pauseAfter, spread } from "./backoff.ts";
import type { Random } from "./backoff.ts";
import type { LogFields } from "./log.ts";

/** What a reconciliation that did not throw says of its resource. */
export type ReconcileResult =
  /** All is as wanted: look again when the poll interval (its own, if given) has passed. */
  | { readonly kind: "settled"; readonly pollMs?: number }
  /** Something was done or is waited for: look again after this time. */
  | { readonly kind: "again"; readonly afterMs: number }
  /** The resource is no more. */
  | { readonly kind: "gone" }
  /** The key stands for several things, and each fared in its own way. */
  | { readonly kind: "several"; readonly parts: readonly Part[] };

export interface Part {
  readonly outcome: PartOutcome;
  /** How often it failed in a row, this time included. */
  readonly failures: number;
  /** What lines about it say beside it. */
  readonly fields: LogFields;
}

export type PartOutcome = Exclude<ReconcileResult, { readonly kind: "several" }> | Failed;

interface Failed {
  readonly kind: "failed";
  readonly error: unknown;
}

export type ReconcileOutcome = ReconcileResult | Failed;

/** When a key is worked on next if nothing wakes it before. */
export type NextVisit =
  | { readonly kind: "after"; readonly milliseconds: number }
  /** After a pause that grows with each failure. */
  | { readonly kind: "backoff" }
  | { readonly kind: "never" };

export interface VisitTimes {
  /** Between two looks at a resource that is as wanted. */
  readonly pollMs: number;
  /** Between two looks at one that waits for a person, who may well act on a host, where nothing tells of it. */
  readonly stalledPollMs: number;
  /** After an error that is expected to be over in a moment. */
  readonly soonMs: number;
}

export const DEFAULT_VISIT_TIMES: VisitTimes = { pollMs: 30_000, stalledPollMs: 300_000, soonMs: 1_000 };

/** Enough to part what began together within some polls, and so little that no look is late for it. */
const JITTER = 0.05;

/** Decides, by the class of the error alone, when to come back. What nobody expected is tried again with backoff. */
export function nextVisit(outcome: ReconcileOutcome, times: VisitTimes, random: Random): NextVisit {
  if (outcome.kind === "failed" && retryOf(outcome) === "backoff") return { kind: "backoff" };
  const parts = outcome.kind === "several" ? outcome.parts : [{ outcome, failures: 1 }];
  const pauses = parts.map((part) => pauseOf(part, times));
  const [first] = pauses.toSorted((one, other) => one.milliseconds - other.milliseconds);
  if (first === undefined || first.milliseconds === Infinity) return { kind: "never" };
  return {
    kind: "after",
    milliseconds: first.isExact ? first.milliseconds : spread(first.milliseconds, JITTER, random),
  };
}

interface Pause {
  readonly milliseconds: number;
  readonly isExact: boolean;
}

function pauseOf({ outcome, failures }: Pick<Part, "outcome" | "failures">, times: VisitTimes): Pause {
  switch (outcome.kind) {
    case "settled":
      return { milliseconds: outcome.pollMs ?? times.pollMs, isExact: false };
    case "again":
      return { milliseconds: outcome.afterMs, isExact: true };
    case "gone":
      return { milliseconds: Infinity, isExact: true };
    case "failed":
      switch (retryOf(outcome)) {
        case "never":
          return { milliseconds: times.stalledPollMs, isExact: false };
        case "soon":
          return { milliseconds: times.soonMs, isExact: false };
        case "backoff":
          return { milliseconds: pauseAfter(failures, { ...DEFAULT_BACKOFF, jitter: 0 }, () => 0), isExact: false };
      }
  }
}

function retryOf({ error }: Failed): RetryClass {
  return error instanceof PghaError ? error.retry : "backoff";
}

import { PghaError } from "../errors.ts";
import { spread } from "./backoff.ts";
import type { Random } from "./backoff.ts";

/** What a reconciliation that did not throw says of its resource. */
export type ReconcileResult =
  /** All is as wanted: look again when the poll interval (its own, if given) has passed. */
  | { readonly kind: "settled"; readonly pollMs?: number }
  /** Something was done or is waited for: look again after this time. */
  | { readonly kind: "again"; readonly afterMs: number }
  /** The resource is no more. */
  | { readonly kind: "gone" };

export type ReconcileOutcome = ReconcileResult | { readonly kind: "failed"; readonly error: unknown };

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

const JITTER = 0.2;

/** Decides, by the class of the error alone, when to come back. What nobody expected is tried again with backoff. */
export function nextVisit(outcome: ReconcileOutcome, times: VisitTimes, random: Random): NextVisit {
  const after = (milliseconds: number): NextVisit => ({
    kind: "after",
    milliseconds: spread(milliseconds, JITTER, random),
  });
  switch (outcome.kind) {
    case "settled":
      return after(outcome.pollMs ?? times.pollMs);
    case "again":
      return { kind: "after", milliseconds: outcome.afterMs };
    case "gone":
      return { kind: "never" };
    case "failed":
      switch (outcome.error instanceof PghaError ? outcome.error.retry : "backoff") {
        case "never":
          return after(times.stalledPollMs);
        case "soon":
          return after(times.soonMs);
        case "backoff":
          return { kind: "backoff" };
      }
  }
}

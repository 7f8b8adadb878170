/**
 * How pauses grow: `firstMs`, doubled with each failure, at most `longestMs`, then spread by `jitter` (0.2 = +-20 %).
 */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
  readonly jitter: number;
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 500, longestMs: 60_000, jitter: 0.2 };

/** A source of numbers in [0, 1), as Math.random is; an argument so that a test can decide. */
export type Random = () => number;

/** The pause after the given number of failures in a row (at least 1), in milliseconds. */
export function pauseAfter(failures: number, backoff: Backoff, random: Random): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, 40);
  return spread(Math.min(backoff.firstMs * 2 ** doublings, backoff.longestMs), backoff.jitter, random);
}

/** Moves a time by up to `jitter` of itself either way, so that many that started together drift apart. */
export function spread(milliseconds: number, jitter: number, random: Random): number {
  return milliseconds * (1 + jitter * (2 * random() - 1));
}

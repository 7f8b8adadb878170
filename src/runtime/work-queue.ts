import { DEFAULT_BACKOFF, pauseAfter } from "./backoff.ts";
import type { Backoff, Random } from "./backoff.ts";
import type { Clock } from "./clock.ts";

/**
 * Keys that wait for a worker. A key waits once however often it is added, and never has two workers: added while
 * it is worked on, it waits until that work is done. The rules are those of client-go's workqueue
 * (https://pkg.go.dev/k8s.io/client-go/util/workqueue).
 */
export interface WorkQueue {
  /** Wants the key worked on as soon as a worker is free. Nothing happens after shutDown(). */
  add(key: string): void;
  /** The same, not before so many milliseconds from now; of several such wishes the earliest counts. */
  addAfter(key: string, milliseconds: number): void;
  /** The same after a pause that grows with each call until forget(key). Returns the pause in milliseconds. */
  addRateLimited(key: string): number;
  /** The key did well: its next rate-limited pause is the shortest again. */
  forget(key: string): void;
  /** How often the key was added rate-limited since it was last forgotten. */
  failures(key: string): number;
  /** The next key, which is the caller's alone until done(key); undefined once the queue was shut down. */
  next(): Promise<string | undefined>;
  /** Must follow every next(). */
  done(key: string): void;
  /**
   * Hands out no more keys, and resolves when the work in hand is done. Keys that still wait are dropped: a queue
   * is filled from a list of everything that exists, so the next one starts with them.
   */
  shutDown(): Promise<void>;
  /** What waits and what is worked on at this moment. */
  inspect(): QueueState;
}

export interface QueueState {
  /** Keys ready for a worker. */
  readonly depth: number;
  /** Keys that wait for their time. */
  readonly delayed: number;
  /** Age of each piece of work in hand, in milliseconds. */
  readonly inHandMs: readonly number[];
}

/** What a queue tells as it goes; every method is optional, times are milliseconds. */
export interface QueueObserver {
  added?(): void;
  retried?(): void;
  /** A worker took a key that had waited so long. */
  taken?(waitedMs: number): void;
  finished?(workedMs: number): void;
}

export interface QueueOptions {
  readonly clock: Clock;
  readonly backoff?: Backoff;
  readonly random?: Random;
  readonly observer?: QueueObserver;
}

export function createWorkQueue(options: QueueOptions): WorkQueue {
  const { clock, backoff = DEFAULT_BACKOFF, random = Math.random, observer = {} } = options;
  /** Ready keys in order, each with the moment it became ready. */
  const ready = new Map<string, number>();
  /** Keys in hand, each with the moment it was taken. */
  const inHand = new Map<string, number>();
  /** Keys added while in hand. */
  const again = new Set<string>();
  const delayed = new Map<string, { readonly at: number; readonly cancel: AbortController }>();
  const failures = new Map<string, number>();
  const waiters: ((key: string | undefined) => void)[] = [];
  let shut: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  const makeReady = (key: string): void => {
    ready.set(key, clock.monotonic());
    const waiter = waiters.shift();
    if (waiter !== undefined) waiter(take());
  };

  const take = (): string | undefined => {
    const [first] = ready;
    if (first === undefined) return undefined;
    const [key, since] = first;
    ready.delete(key);
    inHand.set(key, clock.monotonic());
    observer.taken?.(clock.monotonic() - since);
    return key;
  };

  const queue: WorkQueue = {
    add(key) {
      if (shut !== undefined || ready.has(key) || again.has(key)) return;
      observer.added?.();
      if (inHand.has(key)) again.add(key);
      else makeReady(key);
    },

    addAfter(key, milliseconds) {
      if (shut !== undefined) return;
      if (milliseconds <= 0) return queue.add(key);
      const at = clock.monotonic() + milliseconds;
      const earlier = delayed.get(key);
      if (earlier !== undefined && earlier.at <= at) return;
      earlier?.cancel.abort();
      const cancel = new AbortController();
      delayed.set(key, { at, cancel });
      void clock.sleep(milliseconds, cancel.signal).then(() => {
        if (cancel.signal.aborted) return;
        delayed.delete(key);
        queue.add(key);
      });
    },

    addRateLimited(key) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      const pause = pauseAfter(count, backoff, random);
      observer.retried?.();
      queue.addAfter(key, pause);
      return pause;
    },

    forget: (key) => void failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,

    next() {
      if (shut !== undefined) return Promise.resolve(undefined);
      if (ready.size > 0) return Promise.resolve(take());
      return new Promise((resolve) => waiters.push(resolve));
    },

    done(key) {
      const since = inHand.get(key);
      if (since === undefined) return;
      inHand.delete(key);
      observer.finished?.(clock.monotonic() - since);
      if (shut !== undefined && inHand.size === 0) shut.resolve();
      else if (again.delete(key) && shut === undefined) makeReady(key);
    },

    shutDown() {
      if (shut !== undefined) return shut.promise;
      shut = Promise.withResolvers<void>();
      for (const { cancel } of delayed.values()) cancel.abort();
      delayed.clear();
      ready.clear();
      again.clear();
      for (const waiter of waiters.splice(0)) waiter(undefined);
      if (inHand.size === 0) shut.resolve();
      return shut.promise;
    },

    inspect: () => ({
      depth: ready.size,
      delayed: delayed.size,
      inHandMs: [...inHand.values()].map((since) => clock.monotonic() - since),
    }),
  };
  return queue;
}

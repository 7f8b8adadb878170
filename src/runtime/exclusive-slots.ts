/**
 * Lets work that needs certain things (hosts, say) wait until they are free, and bounds how many are in use at once.
 */
export interface ExclusiveSlots {
  /**
   * Runs `work` once nobody else uses any of `names`, and gives them back when it ends, however it ends. Who came
   * first goes first wherever two want the same. Rejects with the signal's reason if it aborts before the work began.
   */
  use<T>(names: readonly string[], work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Names in use at this moment. */
  inUse(): number;
}

interface Waiter {
  readonly names: ReadonlySet<string>;
  readonly start: () => void;
}

/** At most `limit` names are in use at once; work that needs more than that runs alone. */
export function createExclusiveSlots(limit: number): ExclusiveSlots {
  const used = new Set<string>();
  /** In the order they came. */
  const waiters = new Set<Waiter>();

  /** Starts, in order, everyone whose names are neither used nor wanted by someone before. */
  const startWhoCan = (): void => {
    const wanted = new Set(used);
    let isFull = false;
    for (const waiter of waiters) {
      const isFree = [...waiter.names].every((name) => !wanted.has(name));
      const fits = used.size === 0 || used.size + waiter.names.size <= limit;
      if (isFree && fits && !isFull) {
        waiters.delete(waiter);
        for (const name of waiter.names) used.add(name);
        waiter.start();
      } else if (isFree) isFull = true;
      for (const name of waiter.names) wanted.add(name);
    }
  };

  const acquire = (names: ReadonlySet<string>, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiters.delete(waiter);
        reject(signal?.reason as Error);
        startWhoCan();
      };
      const waiter: Waiter = {
        names,
        start() {
          signal?.removeEventListener("abort", leave);
          resolve();
        },
      };
      signal?.addEventListener("abort", leave, { once: true });
      waiters.add(waiter);
      startWhoCan();
    });
  };

  return {
    async use(names, work, signal) {
      const distinct = new Set(names);
      await acquire(distinct, signal);
      try {
        return await work();
      } finally {
        for (const name of distinct) used.delete(name);
        startWhoCan();
      }
    },
    inUse: () => used.size,
  };
}

import type { ApiClient } from "./api-client.ts";
import { ApiError, isGone } from "./api-error.ts";
import { pauseAfter, spread } from "./backoff.ts";
import type { Backoff, Random } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { KubeObject } from "./kube-object.ts";
import { listObjects } from "./list-objects.ts";
import type { Selection } from "./list-objects.ts";
import { messageOf } from "./log.ts";
import type { Log } from "./log.ts";
import { createObjectStore } from "./object-store.ts";
import type { ObjectChange, ObjectStore } from "./object-store.ts";
import { watchObjects } from "./watch-objects.ts";

/** Keeps a store equal to what the API server has, for as long as it runs and whatever happens on the way. */
export interface Reflector<T extends KubeObject> {
  readonly selection: Selection;
  readonly store: ObjectStore<T>;
  /** Hears of each change, of what is known already as added. What a listener throws is logged and goes no further. */
  onChange(listener: (change: ObjectChange<T>) => void): void;
  /** Whether everything that existed when it started is in the store. */
  synced(): boolean;
  /** Resolves once synced() is true, or when the signal aborts. */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** Lists and watches until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export type WatchEnd = "expired" | "gone" | "throttled" | "failed";

export interface ReflectorOptions {
  readonly client: ApiClient;
  readonly selection: Selection;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
  /** Called whenever a list or watch ends, with why. */
  readonly onEnd?: (why: WatchEnd) => void;
  /** Default: 0.5 s doubling to 5 s, +-30 %. */
  readonly backoff?: Backoff;
  /** Silence after which a watch counts as half-open. Default 3 minutes: the first bookmark of a
   * watch was seen to come after up to 2, the others after 1. */
  readonly idleMs?: number;
  /** About how often everything is listed anew, should an event ever have been missed. Default 30 minutes. */
  readonly relistMs?: number;
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 500, longestMs: 5_000, jitter: 0.3 };
const DEFAULT_IDLE_MS = 180_000;
const DEFAULT_RELIST_MS = 30 * 60_000;
/** The server's end of a watch: 5 to 10 minutes, as client-go does, so that load balances over API servers. */
const SHORTEST_WATCH_S = 300;
/** A watch that ends sooner than this, without a single event, was no watch. */
const NO_WATCH_MS = 1_000;
const LONGEST_RETRY_AFTER_MS = 120_000;

export function createReflector<T extends KubeObject>(options: ReflectorOptions): Reflector<T> {
  const { client, selection, clock, log, random = Math.random } = options;
  const { backoff = DEFAULT_BACKOFF, idleMs = DEFAULT_IDLE_MS, relistMs = DEFAULT_RELIST_MS } = options;
  const store = createObjectStore<T>();
  const listeners: ((change: ObjectChange<T>) => void)[] = [];
  const firstList = Promise.withResolvers<void>();
  const name = selection.type.plural;
  let isSynced = false;

  const tell = (listener: (change: ObjectChange<T>) => void, change: ObjectChange<T>): void => {
    try {
      listener(change);
    } catch (error) {
      log.error("a listener of a watch threw", {
        resource: name,
        error: error instanceof Error ? error.stack : String(error),
      });
    }
  };
  const announce = (change: ObjectChange<T> | undefined): void => {
    if (change !== undefined) for (const listener of listeners) tell(listener, change);
  };

  /** Returns the resourceVersion to watch from. */
  const list = async (signal: AbortSignal): Promise<string> => {
    const { objects, resourceVersion } = await listObjects<T>(client, selection, signal);
    for (const change of store.replace(objects)) announce(change);
    isSynced = true;
    firstList.resolve();
    return resourceVersion;
  };

  /** Ends when the server ends the watch; `seen` gets each resourceVersion on the way. */
  const watch = async (from: string, seen: (resourceVersion: string) => void, signal: AbortSignal): Promise<void> => {
    const started = clock.monotonic();
    const timeoutSeconds = Math.round(SHORTEST_WATCH_S * (1 + random()));
    let events = 0;
    for await (const event of watchObjects<T>(client, selection, {
      resourceVersion: from,
      timeoutSeconds,
      idleMs,
      signal,
    })) {
      events += 1;
      if (event.type === "BOOKMARK") {
        seen(event.resourceVersion);
        continue;
      }
      announce(event.type === "DELETED" ? store.remove(event.object) : store.put(event.object));
      seen(event.object.metadata.resourceVersion ?? from);
    }
    if (events === 0 && clock.monotonic() - started < NO_WATCH_MS) throw new ApiError(`watch of ${name} ended at once`);
  };

  return {
    selection,
    store,
    onChange(listener) {
      for (const object of store.list()) tell(listener, { kind: "added", object });
      listeners.push(listener);
    },
    synced: () => isSynced,
    async whenSynced(signal) {
      if (isSynced || signal.aborted) return;
      const aborted = Promise.withResolvers<void>();
      const abort = (): void => aborted.resolve();
      signal.addEventListener("abort", abort, { once: true });
      await Promise.race([firstList.promise, aborted.promise]);
      signal.removeEventListener("abort", abort);
    },

    async run(signal) {
      let from: string | undefined;
      let relistAt = 0;
      let failures = 0;
      while (!signal.aborted) {
        try {
          if (from === undefined || clock.monotonic() >= relistAt) {
            from = await list(signal);
            relistAt = clock.monotonic() + spread(relistMs, 0.2, random);
          }
          const onSeen = (resourceVersion: string): void => {
            from = resourceVersion;
            failures = 0;
          };
          await watch(from, onSeen, signal);
          failures = 0;
          options.onEnd?.("expired");
        } catch (error) {
          if (signal.aborted) return;
          if (isGone(error)) from = undefined;
          failures += 1;
          options.onEnd?.(endOf(error));
          const pause = Math.max(pauseAfter(failures, backoff, random), asked(error));
          if (isPowerOfTwo(failures))
            log.warn("watch interrupted", {
              resource: name,
              error: messageOf(error),
              failures,
              pauseMs: Math.round(pause),
            });
          await clock.sleep(pause, signal);
        }
      }
    },
  };
}

function endOf(error: unknown): WatchEnd {
  if (isGone(error)) return "gone";
  return error instanceof ApiError && (error.status === 429 || error.status === 503) ? "throttled" : "failed";
}

function asked(error: unknown): number {
  return error instanceof ApiError ? Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS) : 0;
}

/** The first failure, and then less and less often. */
function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}

import { randomBytes } from "node:crypto";
import type { ApiClient } from "./api-client.ts";
import { isConflict, isNotFound } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import { eventBody, eventPath, sameEvent, seriesBody } from "./event.ts";
import type { EventSource, EventToRecord } from "./event.ts";
import { createEventBudget } from "./event-budget.ts";
import { messageOf } from "./log.ts";
import type { Log } from "./log.ts";

/** Tells people, through `kubectl events`, what was done to a resource and what was refused. */
export interface EventRecorder<Reason extends string> {
  /**
   * Records in the background and never throws. The same event again within six minutes is counted in the first
   * one's series; a resource that has too much to tell is cut short.
   */
  record(event: EventToRecord<Reason>): void;
  /** Writes at once what still waits, and resolves when it is written or given up. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions extends EventSource {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long an event stays the one that repetitions are counted in, as in client-go's tools/events. */
const SERIES_MS = 6 * 60_000;
/** How often a series is written while it goes on. */
const REFRESH_MS = 60_000;
const RETRY_MS = 2_000;
const ATTEMPTS = 3;
/** More than a busy operator has at once; beyond it the oldest are no longer counted in a series. */
const MOST_ENTRIES = 1_000;

/** One event on the API server, or on its way there. */
interface Entry<Reason extends string> {
  readonly event: EventToRecord<Reason>;
  readonly name: string;
  readonly firstMs: number;
  count: number;
  lastMs: number;
  isCreated: boolean;
  isDirty: boolean;
  /** When it was last written, by the monotonic clock. */
  writtenAt: number;
  isWriting: boolean;
}

export function createEventRecorder<Reason extends string>(options: EventRecorderOptions): EventRecorder<Reason> {
  const { client, clock, log } = options;
  const entries = new Map<string, Entry<Reason>>();
  const writing = new Set<Promise<void>>();
  const budget = createEventBudget(clock);
  let hurry = new AbortController();

  const send = async (entry: Entry<Reason>): Promise<void> => {
    const { event, name } = entry;
    if (entry.isCreated) {
      const path = `${eventPath(event)}/${name}`;
      try {
        return void (await client.request({ method: "PATCH", path, body: seriesBody(entry.count, entry.lastMs) }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    const series = entry.count > 1 ? seriesBody(entry.count, entry.lastMs) : {};
    await client
      .request({
        method: "POST",
        path: eventPath(event),
        body: { ...eventBody(event, options, name, entry.firstMs), ...series },
      })
      .catch(ignoreConflict);
    entry.isCreated = true;
  };

  const sendWithRetries = async (entry: Entry<Reason>): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(entry);
      } catch (error) {
        if (attempt === ATTEMPTS || hurry.signal.aborted)
          return log.warn("event not recorded", { reason: entry.event.reason, error: messageOf(error) });
        await clock.sleep(RETRY_MS * attempt, hurry.signal);
      }
    }
  };

  const write = async (entry: Entry<Reason>): Promise<void> => {
    entry.isWriting = true;
    while (entry.isDirty) {
      await clock.sleep(Math.max(0, entry.writtenAt + REFRESH_MS - clock.monotonic()), hurry.signal);
      entry.isDirty = false;
      await sendWithRetries(entry);
      entry.writtenAt = clock.monotonic();
    }
    entry.isWriting = false;
  };

  const entryFor = (event: EventToRecord<Reason>): Entry<Reason> | undefined => {
    const identity = sameEvent(event);
    const known = entries.get(identity);
    const now = clock.now();
    if (known !== undefined && now - known.lastMs < SERIES_MS) {
      known.count += 1;
      known.lastMs = now;
      return known;
    }
    if (!budget.allows(event.regarding)) return undefined;
    const name = `${event.regarding.name.slice(0, 230)}.${randomBytes(8).toString("hex")}`;
    const entry: Entry<Reason> = {
      event,
      name,
      firstMs: now,
      count: 1,
      lastMs: now,
      isCreated: false,
      isDirty: false,
      writtenAt: -Infinity,
      isWriting: false,
    };
    entries.delete(identity);
    entries.set(identity, entry);
    forgetOldest();
    return entry;
  };

  const forgetOldest = (): void => {
    for (const [identity, { lastMs }] of entries) {
      if (entries.size <= MOST_ENTRIES && clock.now() - lastMs < SERIES_MS) return;
      entries.delete(identity);
    }
  };

  return {
    record(event) {
      try {
        const entry = entryFor(event);
        if (entry === undefined) return;
        entry.isDirty = true;
        if (entry.isWriting) return;
        const done = write(entry).finally(() => writing.delete(done));
        writing.add(done);
      } catch (error) {
        log.warn("event not recorded", { reason: event.reason, error: messageOf(error) });
      }
    },
    async flush() {
      hurry.abort();
      await Promise.all(writing);
      hurry = new AbortController();
    },
  };
}

/** The name is random, so the event that exists is this one: the answer to an earlier try was lost. */
function ignoreConflict(error: unknown): void {
  if (!isConflict(error)) throw error;
}

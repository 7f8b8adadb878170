import type { ApiClient } from "./api-client.ts";
import { isConflict } from "./api-error.ts";
import { spread } from "./backoff.ts";
import type { Random } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { heldBy, mayTake, readLease, released, writeLease } from "./lease.ts";
import type { Lease, LeaseName } from "./lease.ts";
import { messageOf } from "./log.ts";
import type { Log } from "./log.ts";

/** Makes sure that of several replicas one acts, by a Lease (the algorithm of client-go's tools/leaderelection). */
export interface LeaderElector {
  /**
   * Whether this process may act at this moment: its last successful renewal was sent less than the renew deadline
   * ago. Asked right before each act, it is also right after this process was frozen, when no timer has run yet.
   */
  isLeader(): boolean;
  /**
   * Competes until `stop` aborts. `lead` runs for each term; `lost` aborts when the term is over, and nobody
   * competes before `lead` has returned. On stop, `lead` should finish what is in hand and return: the lease is
   * renewed until then, and released. Never rejects.
   */
  run(stop: AbortSignal, lead: (lost: AbortSignal) => Promise<void>): Promise<void>;
}

export interface LeaderElectorOptions extends LeaseName {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Unique to this process, such as pod name + random suffix. */
  readonly identity: string;
  readonly random?: Random;
  readonly times?: LeaseTimes;
  readonly onChange?: (isLeading: boolean) => void;
}

/** Others wait `durationMs`; the holder stops acting at `renewDeadlineMs`, which must be well below it. */
export interface LeaseTimes {
  readonly durationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
}

export const DEFAULT_LEASE_TIMES: LeaseTimes = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { client, clock, log, identity, namespace, name, random = Math.random, times = DEFAULT_LEASE_TIMES } = options;
  const requestMs = times.renewDeadlineMs / 2;
  /** The lease as last seen, and since when (monotonic) it has looked like that. */
  let seen: { readonly lease: Lease | undefined; readonly since: number } = {
    lease: undefined,
    since: clock.monotonic(),
  };
  /** Both clocks at the moment the last successful renewal was sent; undefined outside a term. */
  let renewed: Moment | undefined;

  const remainingMs = (): number => (renewed === undefined ? 0 : times.renewDeadlineMs - elapsedSince(renewed, clock));
  const isLeader = (): boolean => remainingMs() > 0;

  const see = (lease: Lease | undefined): void => {
    const isSame =
      lease?.metadata.resourceVersion === seen.lease?.metadata.resourceVersion &&
      lease?.metadata.uid === seen.lease?.metadata.uid;
    if (!isSame) seen = { lease, since: clock.monotonic() };
  };

  const hold = async (timeoutMs: number): Promise<void> => {
    const sent = momentOf(clock);
    see(
      await writeLease(
        client,
        { namespace, name },
        seen.lease,
        heldBy(identity, seen.lease, times.durationMs, clock.now()),
        timeoutMs,
      ),
    );
    renewed = sent;
  };

  const tryToAcquire = async (): Promise<void> => {
    see(await readLease(client, { namespace, name }, requestMs));
    if (mayTake(seen.lease, identity, clock.monotonic() - seen.since, times.durationMs)) await hold(requestMs);
  };

  const acquire = async (stop: AbortSignal): Promise<void> => {
    while (!stop.aborted) {
      try {
        await tryToAcquire();
        if (isLeader()) return;
      } catch (error) {
        if (!isConflict(error)) log.warn("cannot compete for the lease", { lease: name, error: messageOf(error) });
      }
      await clock.sleep(spread(times.retryMs, 0.1, random), stop);
    }
  };

  const renewalMs = (): number => Math.min(requestMs, Math.max(remainingMs(), 1));

  /** A conflict may be an own earlier renewal whose answer was lost. Returns whether the lease is still this one's. */
  const renew = async (): Promise<boolean> => {
    try {
      await hold(renewalMs());
    } catch (error) {
      if (!isConflict(error)) throw error;
      see(await readLease(client, { namespace, name }, renewalMs()));
      if (seen.lease?.spec?.holderIdentity !== identity) return false;
      await hold(renewalMs());
    }
    return true;
  };

  /** Returns when the term is over: the deadline passed, someone else holds the lease, or `done` aborted. */
  const keep = async (done: AbortSignal): Promise<void> => {
    while (!done.aborted && isLeader()) {
      await clock.sleep(Math.min(times.retryMs, remainingMs()), done);
      if (done.aborted || !isLeader()) return;
      try {
        if (!(await renew())) return;
      } catch (error) {
        log.warn("cannot renew the lease", {
          lease: name,
          error: messageOf(error),
          remainingMs: Math.round(remainingMs()),
        });
      }
    }
  };

  const release = async (): Promise<void> => {
    if (seen.lease?.spec?.holderIdentity !== identity) return;
    renewed = undefined;
    try {
      await writeLease(client, { namespace, name }, seen.lease, released(seen.lease, clock.now()), requestMs);
    } catch (error) {
      log.warn("cannot release the lease, it will run out", { lease: name, error: messageOf(error) });
    }
  };

  const term = async (lead: (lost: AbortSignal) => Promise<void>): Promise<void> => {
    const lost = new AbortController();
    const done = new AbortController();
    options.onChange?.(true);
    log.info("leading", { lease: name, identity });
    const leading = lead(lost.signal).catch((error: unknown) =>
      log.error("leading failed", { error: messageOf(error) }),
    );
    const finished = leading.then(() => done.abort());
    await keep(done.signal);
    const isOver = !done.signal.aborted;
    if (isOver) {
      renewed = undefined;
      log.warn("no longer leading", { lease: name, identity });
      lost.abort();
    }
    await finished;
    if (!isOver) await release();
    renewed = undefined;
    options.onChange?.(false);
  };

  return {
    isLeader,
    async run(stop, lead) {
      while (!stop.aborted) {
        await acquire(stop);
        if (!isLeader()) continue;
        await term(lead);
        await clock.sleep(times.retryMs, stop);
      }
    },
  };
}

interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

function momentOf(clock: Clock): Moment {
  return { monotonic: clock.monotonic(), wall: clock.now() };
}

/**
 * The longer of two measures: the monotonic clock stands still while a virtual machine is paused, the wall clock may be
 * set.
 */
function elapsedSince(moment: Moment, clock: Clock): number {
  return Math.max(clock.monotonic() - moment.monotonic, clock.now() - moment.wall);
}

/** Of Patroni, in seconds. */
export interface PatroniTiming {
  readonly ttl: number;
  readonly loopWait: number;
  readonly retryTimeout: number;
}

interface FailoverTimings {
  readonly patroni: PatroniTiming;
  /** Which of the intervals of a HAProxyPool's checks goes for servers that are down. */
  readonly downInterval: "intervalMs" | "fastIntervalMs";
  /** How long PgBouncer waits after a login that failed before it tries another, in seconds. */
  readonly loginRetrySeconds: number;
}

/**
 * The profiles of spec.patroni.failover. Each of both has loopWait + 2*retryTimeout <= ttl, which is Patroni's rule.
 *
 * Fast: ttl as low as Patroni takes it. retryTimeout outlasts what the consensus may need to be whole again, 5 s until
 * a node dials anew and up to 1.4 s for an election, since a leader that gets no answer for that long gives up.
 * loopWait is what that leaves. Less of it would win nothing: whoever waits for the leader key is woken when it is
 * gone, and the later a leader renewed it last, the longer it outlives him.
 */
export const FAILOVER_TIMINGS: Readonly<Record<"Standard" | "Fast", FailoverTimings>> = {
  Standard: {
    patroni: { ttl: 30, loopWait: 10, retryTimeout: 10 },
    downInterval: "intervalMs",
    // A dead leader costs two seconds, and after a refused login the next try is a second later, not fifteen: with
    // PgBouncer's defaults a switchover froze clients for 15 s and more.
    loginRetrySeconds: 1,
  },
  Fast: {
    patroni: { ttl: 20, loopWait: 6, retryTimeout: 7 },
    downInterval: "fastIntervalMs",
    loginRetrySeconds: 0.2,
  },
};

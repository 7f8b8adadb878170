/** Times of a HAProxy that clients notice. */
export interface HAProxyTimes {
  readonly connectSeconds: number;
  readonly clientSeconds: number;
  readonly serverSeconds: number;
  /** The longest that a server which hangs is still given clients. */
  readonly lostMilliseconds: number;
}

interface Settings {
  readonly checks: { readonly intervalMs: number; readonly fastIntervalMs: number; readonly fall: number };
  readonly timeouts: Omit<HAProxyTimes, "lostMilliseconds"> & { readonly checkSeconds: number };
}

/** https://docs.haproxy.org/3.0/configuration.html#timeout%20check says what bounds one check. */
export function haproxyTimes({ checks, timeouts }: Settings): HAProxyTimes {
  const { intervalMs, fastIntervalMs, fall } = checks;
  const { connectSeconds, clientSeconds, serverSeconds, checkSeconds } = timeouts;
  const oneCheckMs = Math.min(connectSeconds * 1000, intervalMs) + checkSeconds * 1000;
  return {
    connectSeconds,
    clientSeconds,
    serverSeconds,
    lostMilliseconds: intervalMs + (fall - 1) * fastIntervalMs + fall * oneCheckMs,
  };
}

/**
 * As they stand behind the mark in the description: a running HAProxy shows no timeout of its own. A description with a
 * colon in it is shown in quotation marks.
 */
export function formatTimes(times: HAProxyTimes): string {
  return NAMES.map((name) => `${name}=${times[name]}`).join("/");
}

/** Undefined where the description has none: it was loaded before they stood there, or is not ours. */
export function readTimes(description: string): HAProxyTimes | undefined {
  const values = NAMES.map((name) => new RegExp(`/${name}=([0-9]+)(?:/|$)`).exec(description)?.[1]);
  if (values.includes(undefined)) return undefined;
  const [connectSeconds = 0, clientSeconds = 0, serverSeconds = 0, lostMilliseconds = 0] = values.map(Number);
  return { connectSeconds, clientSeconds, serverSeconds, lostMilliseconds };
}

const NAMES = ["connectSeconds", "clientSeconds", "serverSeconds", "lostMilliseconds"] as const;

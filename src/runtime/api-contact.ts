import type { ApiClient } from "./api-client.ts";
import { ApiError } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import type { HealthCheck } from "./health-server.ts";

/** A silence that bookmarks and lease renewals alone do not explain. */
const RECENT_MS = 15_000;
const PROBE_TIMEOUT_MS = 3_000;

/**
 * Passes when the API server was heard of a moment ago, or answers (even with a refusal) when asked now; for /readyz.
 */
export function apiContactCheck(client: ApiClient, clock: Clock, recentMs = RECENT_MS): HealthCheck {
  return async () => {
    if (clock.monotonic() - client.lastContact() < recentMs) return;
    try {
      await client.request({ method: "GET", path: "/version", timeoutMs: PROBE_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === undefined || error.status >= 500) throw error;
    }
  };
}

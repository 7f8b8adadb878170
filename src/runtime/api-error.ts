import { PghaError } from "../errors.ts";
import type { RetryClass } from "../errors.ts";

export type ApiErrorReason =
  | "ApiUnreachable"
  | "ApiThrottled"
  | "ApiUnavailable"
  | "ApiConflict"
  | "ApiNotFound"
  | "ApiGone"
  | "ApiForbidden"
  | "ApiRefused";

/** The API server gave no answer, or not the one that was asked for. */
export class ApiError extends PghaError {
  override readonly name: string = "ApiError";
  /** HTTP status; undefined when no answer came, and it is then unknown whether the request took effect. */
  readonly status: number | undefined;
  /** What the server asked for in Retry-After, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: { status?: number | undefined; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { ...classify(details.status), cause: details.cause });
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The object is not there (or, for a create, its namespace is not). */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Someone else wrote the object first, or it exists already. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

/** The history that was asked for is no longer kept. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/**
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
 * 403 and 404 are tried again: roles and definitions are often applied a moment later than what needs them.
 */
function classify(status: number | undefined): { readonly reason: ApiErrorReason; readonly retry: RetryClass } {
  switch (status) {
    case undefined:
      return { reason: "ApiUnreachable", retry: "backoff" };
    case 401:
    case 403:
      return { reason: "ApiForbidden", retry: "backoff" };
    case 404:
      return { reason: "ApiNotFound", retry: "backoff" };
    case 409:
      return { reason: "ApiConflict", retry: "soon" };
    case 410:
      return { reason: "ApiGone", retry: "soon" };
    case 429:
      return { reason: "ApiThrottled", retry: "backoff" };
    default:
      return status >= 500 ? { reason: "ApiUnavailable", retry: "backoff" } : { reason: "ApiRefused", retry: "never" };
  }
}

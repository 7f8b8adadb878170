import type { Reason } from "./reasons.ts";
/** When is it worth trying again: never (until a person acts), after a growing pause, or soon. */
export type RetryClass = "never" | "backoff" | "soon";

/**
 * Base of every error pgha throws on purpose. `reason` is the condition reason it shows as (CamelCase, finite,
 * each with a heading in docs/operations.md); `wayOut` says what a person can do.
 */
export class PghaError extends Error {
  override readonly name: string = "PghaError";
  readonly reason: Reason;
  readonly retry: RetryClass;
  readonly wayOut: string | undefined;

  constructor(message: string, details: { reason: Reason; retry: RetryClass; wayOut?: string; cause?: unknown }) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.reason = details.reason;
    this.retry = details.retry;
    this.wayOut = details.wayOut;
  }
}

/** A host cannot be asked: no route, refused, timed out, or the connection was lost. */
export class HostUnreachableError extends PghaError {
  override readonly name: string = "HostUnreachableError";
  readonly host: string;

  constructor(
    host: string,
    message: string,
    details: { reason?: Reason; retry?: RetryClass; wayOut?: string; cause?: unknown } = {},
  ) {
    super(message, {
      reason: details.reason ?? "HostUnreachable",
      retry: details.retry ?? "backoff",
      ...(details.wayOut === undefined ? {} : { wayOut: details.wayOut }),
      cause: details.cause,
    });
    this.host = host;
  }
}

/** The host answered with a key that is not the pinned one. Never retried: a person compares fingerprints. */
export class HostKeyError extends HostUnreachableError {
  override readonly name: string = "HostKeyError";
  /** `SHA256:...` of the key the host showed, or undefined when it showed none. */
  readonly seenFingerprint: string | undefined;
  /** The key the host showed as an OpenSSH public key line (`ssh-ed25519 AAAA...`). */
  readonly seenKey: string | undefined;

  constructor(
    host: string,
    message: string,
    details: {
      reason: "HostKeyChanged" | "HostKeyUnknown";
      seenFingerprint?: string;
      seenKey?: string;
      wayOut: string;
    },
  ) {
    super(host, message, { reason: details.reason, retry: "never", wayOut: details.wayOut });
    this.seenFingerprint = details.seenFingerprint;
    this.seenKey = details.seenKey;
  }
}

/** SSH works but the key is not accepted, or sudo asks for a password. */
export class HostAccessError extends HostUnreachableError {
  override readonly name: string = "HostAccessError";

  constructor(
    host: string,
    message: string,
    details: { reason: "AuthenticationFailed" | "PrivilegeMissing"; wayOut: string; cause?: unknown },
  ) {
    super(host, message, { ...details, retry: "never" });
  }
}

/** What a person wrote cannot be used. All findings at once, each with its path and the way out. */
export class InvalidInputError extends PghaError {
  override readonly name: string = "InvalidInputError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"), { reason: "InvalidSpec", retry: "never" });
    this.problems = problems;
  }
}

/**
 * One thing wrong with a document: where (`PostgresHACluster/keybuzz-pg spec.hosts[1].address`), what, and the way out.
 */
export interface Problem {
  /** `Kind/name` or a file name. */
  readonly resource: string;
  /** Dotted path of the field, e.g. `spec.hosts[1].address`; empty when the document as a whole is meant. */
  readonly path: string;
  readonly message: string;
  readonly wayOut?: string;
}

export function formatProblem(problem: Problem): string {
  const place = problem.path === "" ? problem.resource : `${problem.resource} ${problem.path}`;
  return problem.wayOut === undefined
    ? `${place}: ${problem.message}`
    : `${place}: ${problem.message}\n    way out: ${problem.wayOut}`;
}

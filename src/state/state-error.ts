import { PghaError } from "../errors.ts";

/** The state folder cannot be used as it is. Never retried: what is in it is too dear to guess about. */
export class StateError extends PghaError {
  override readonly name: string = "StateError";

  constructor(message: string, wayOut: string, cause?: unknown) {
    super(message, { reason: "StateUnusable", retry: "never", wayOut, cause });
  }
}

/** Another run of pgha holds the state. */
export class StateLockedError extends PghaError {
  override readonly name: string = "StateLockedError";

  constructor(message: string, wayOut: string) {
    super(message, { reason: "StateLocked", retry: "soon", wayOut });
  }
}

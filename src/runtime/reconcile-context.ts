import { PghaError } from "../errors.ts";

/** What a reconciliation may ask of the runtime while it works. */
export interface ReconcileContext {
  /** Aborts when the operator stops or no longer leads: finish the step in hand, begin no other. */
  readonly signal: AbortSignal;
  /** Throws LeadershipLostError once nothing more may be begun. Call it right before each act on a host. */
  assertMayAct(): void;
}

/**
 * Another replica may be acting by now, or this one was told to stop. Whatever was not begun is left to the next pass.
 */
export class LeadershipLostError extends PghaError {
  override readonly name: string = "LeadershipLostError";

  constructor() {
    super("this operator is stopping or no longer leads, so it begins nothing more", {
      reason: "LeadershipLost",
      retry: "soon",
    });
  }
}

/** A context that follows `signal` and, as the clocks tell it, `isLeader`. */
export function createReconcileContext(signal: AbortSignal, isLeader: () => boolean): ReconcileContext {
  return {
    signal,
    assertMayAct() {
      if (signal.aborted || !isLeader()) throw new LeadershipLostError();
    },
  };
}

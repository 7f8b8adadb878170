import type { Command } from "./command.ts";

/**
 * A host that runs commands. Everything pgha does to a machine goes through this one method, so whoever
 * holds a RemoteShell can be a real host over SSH, or a pure model of one in a test.
 */
export interface RemoteShell {
  /** Host name from the manifest, for messages. */
  readonly host: string;
  /**
   * Runs one command to its end.
   *
   * Resolves for any exit code; a command that a signal killed has 128 plus the signal's number. Rejects with
   * HostUnreachableError (or a subclass of it) only when the host cannot be asked, lost its connection half-way, or
   * let the deadline pass: in the last two cases the outcome is unknown. Rejects with the signal's reason when aborted,
   * and with a PghaError (OutputTooLarge) when it prints more than 8 MiB.
   */
  run(command: Command, options: RunOptions): Promise<RunResult>;
}

export interface RunOptions {
  /**
   * Time the command may take once it was started, in milliseconds. Enforced here and, by `timeout(1)`, on the host.
   * Connecting has its own limit.
   */
  readonly deadlineMs: number;
  /** It only looks: when the host is lost half-way, no outcome is unknown. */
  readonly changesNothing?: true;
  /** On a new connection, which is the one that is kept from then on: proof that one can be made. */
  readonly fresh?: true;
  /** Aborting it ends the wait (and closes the channel); the command on the host may still finish. */
  readonly signal?: AbortSignal;
  /** Called with each complete line of standard output while the command runs. */
  readonly onLine?: (line: string) => void;
  /** The same with standard error. */
  readonly onErrorLine?: (line: string) => void;
  /** Called as the command's feed goes out, with how many bytes of it have. */
  readonly onFed?: (bytes: number) => void;
  /** Keep standard input open after the command's own input was sent, until this settles. */
  readonly holdUntil?: Promise<void>;
  /**
   * While standard input is held, a line end is written to it this often, in milliseconds, so that the command can
   * notice when nobody is there any more: a cut cable closes nothing on the host.
   */
  readonly heartbeatMs?: number;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

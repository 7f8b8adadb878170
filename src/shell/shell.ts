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
   * Resolves for any exit code. Rejects with HostUnreachableError (or a subclass of it) only when the host
   * cannot be asked, lost its connection half-way, or let the deadline pass: then the outcome is unknown.
   */
  run(command: Command, options: RunOptions): Promise<RunResult>;
}

export interface RunOptions {
  /** Time the command may take, in milliseconds. Enforced here and, by `timeout(1)`, on the host. */
  readonly deadlineMs: number;
  /** Aborting it ends the wait (and closes the channel); the command on the host may still finish. */
  readonly signal?: AbortSignal;
  /** Called with each complete line of standard output while the command runs. */
  readonly onLine?: (line: string) => void;
  /** Keep standard input open after the command's own input was sent, until this settles. */
  readonly holdUntil?: Promise<void>;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

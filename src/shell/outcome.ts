import { HostUnreachableError } from "../errors.ts";
import { patience } from "./patience.ts";
import type { RunOptions, RunResult } from "./shell.ts";
import { nameOf } from "./ssh-target.ts";
import type { SshTarget } from "./ssh-target.ts";

/**
 * The end of a command, whichever way it comes. An AbortController would do, at the price of events for three
 * listeners.
 */
export class Ending {
  #acts: (() => void)[] | undefined = [];

  /** Has something done at the end; at once if that has come. */
  upon(act: () => void): void {
    if (this.#acts === undefined) act();
    else this.#acts.push(act);
  }

  come(): void {
    const acts = this.#acts ?? [];
    this.#acts = undefined;
    for (const act of acts) act();
  }
}

/**
 * Waits for what comes of a command as long as its options allow. Rejects as `begin` does, with HostUnreachableError
 * (CommandTimedOut) when the deadline passes, and with the signal's reason when aborted.
 */
export async function awaitOutcome(
  target: SshTarget,
  options: RunOptions,
  begin: (over: Ending) => Promise<RunResult>,
): Promise<RunResult> {
  const over = new Ending();
  try {
    return await Promise.race([
      begin(over),
      deadline(target, options, over),
      ...(options.signal === undefined ? [] : [aborted(options.signal, over)]),
    ]);
  } finally {
    over.come();
  }
}

type Limits = Pick<RunOptions, "changesNothing" | "deadlineMs">;

export function deadlinePassed(target: SshTarget, { changesNothing, deadlineMs }: Limits): HostUnreachableError {
  return changesNothing === true
    ? new HostUnreachableError(
        target.name,
        `${nameOf(target)} can be logged in to, but a look there did not end within ${deadlineMs / 1000} s`,
        {
          reason: "CommandTimedOut",
          wayOut: "Log in to the host and see what hangs; a file system that does not answer is the usual cause.",
        },
      )
    : new HostUnreachableError(
        target.name,
        `a command on ${nameOf(target)} did not end within ${deadlineMs / 1000} s; its outcome is unknown`,
        { reason: "CommandTimedOut" },
      );
}

/** The host's own timeout(1) speaks first; this is how much later we give up on hearing from it. */
const localGraceMs = 1_000;

function deadline(target: SshTarget, limits: Limits, over: Ending): Promise<never> {
  return new Promise((_, reject) => {
    over.upon(patience(limits.deadlineMs + localGraceMs, () => reject(deadlinePassed(target, limits))));
  });
}

function aborted(signal: AbortSignal, over: Ending): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    over.upon(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
  });
}

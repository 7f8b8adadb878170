import { setTimeout } from "node:timers/promises";
import { HostUnreachableError } from "../errors.ts";
import type { Command } from "../shell/command.ts";
import { underStepLock } from "../shell/host-lock.ts";
import type { RemoteShell, RunResult } from "../shell/shell.ts";

const ONE_TRY_MS = 20_000;
/** Longer than any host waits before it takes back what nobody confirmed. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;

/**
 * Runs what confirms a step over a new connection. A host that lets nobody in is asked until it has taken the step
 * back, so that what is told of it is how it ended. Rejects with HostUnreachableError where it does not answer even
 * then.
 */
export async function confirmAnew(command: Command, shell: RemoteShell, now: () => number): Promise<RunResult> {
  const until = now() + PATIENCE_MS;
  for (;;) {
    try {
      return await shell.run(underStepLock(command), { deadlineMs: ONE_TRY_MS, fresh: true });
    } catch (error) {
      if (!(error instanceof HostUnreachableError) || now() > until) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}

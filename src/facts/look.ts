import type { Reason } from "../reasons.ts";
import { randomUUID } from "node:crypto";
import { HostUnreachableError } from "../errors.ts";
import { exitCodeOfLock, lookLockWaitMs } from "../shell/host-lock.ts";
import { maskOf } from "../shell/masking.ts";
import type { RemoteShell, RunResult } from "../shell/shell.ts";
import { batch, FACT_SECONDS } from "./batch.ts";
import type { Answers, FactSet, Look, UnseenHost } from "./fact.ts";
import { BatchError, splitBatch } from "./split-batch.ts";

export interface LookOptions {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Our clock, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Longer than the longest fact, so that one that hangs is told from a host that does. */
const DEADLINE_MS = lookLockWaitMs + FACT_SECONDS * 1000 + 5_000;

/**
 * Puts all questions to a host in one exec. A host that cannot be asked, or whose answers make no sense, is a fact too
 * (`seen: false`); only other errors, an abort among them, are thrown.
 */
export async function lookAt<S extends FactSet>(
  shell: RemoteShell,
  set: S,
  options: LookOptions = {},
): Promise<Look<Answers<S>>> {
  const { deadlineMs = DEADLINE_MS, signal, now = Date.now } = options;
  const nonce = randomUUID();
  const startMs = now();
  const command = batch(set, nonce);
  try {
    const result = await shell.run(command, {
      deadlineMs,
      changesNothing: true,
      ...(signal === undefined ? {} : { signal }),
    });
    const endMs = now();
    return result.exitCode !== 0
      ? refused(shell.host, result)
      : { seen: true, host: shell.host, facts: splitBatch(result.stdout, set, nonce, { startMs, endMs }) };
  } catch (error) {
    if (error instanceof HostUnreachableError) {
      return {
        seen: false,
        host: shell.host,
        reason: error.reason,
        message: error.message,
        ...(error.wayOut === undefined ? {} : { wayOut: error.wayOut }),
      };
    }
    if (error instanceof BatchError) {
      return unseen(
        shell.host,
        "LookFailed",
        // It may quote what came where an answer should have been.
        maskOf(command)(error.message),
        "Log in to the host and see why it cannot answer; a file system that hangs is the usual cause.",
      );
    }
    throw error;
  }
}

function refused(host: string, { exitCode, stderr }: RunResult): UnseenHost {
  const said = stderr.replaceAll(/\s+/g, " ").trim().slice(0, 500);
  if (exitCode === exitCodeOfLock) {
    return unseen(host, "HostLocked", "an earlier step still runs on this host", "Wait for it to end, then run again.");
  }
  if (/permission denied/i.test(said)) {
    return unseen(
      host,
      "PrivilegeMissing",
      `pgha has not the rights to look: ${said}`,
      "Log in as root, or set become: sudo.",
    );
  }
  return unseen(
    host,
    "LookFailed",
    `the look ended with exit code ${exitCode}${said === "" ? "" : `: ${said}`}`,
    "Log in to the host and see why; a full /run is a usual cause.",
  );
}

function unseen(host: string, reason: Reason, message: string, wayOut: string): UnseenHost {
  return { seen: false, host, reason, message, wayOut };
}

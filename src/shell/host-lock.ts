import { HostAccessError, PghaError } from "../errors.ts";
import { sh } from "./command.ts";
import type { Command } from "./command.ts";
import type { RemoteShell, RunResult } from "./shell.ts";

/**
 * Holds the host's run lock while `work` runs, so that two runs never hold one machine. `owner` says for people who
 * holds it: `pgha apply by anna on laptop, since 10:02`.
 *
 * The lock belongs to a command that waits on the host: it ends with the connection, or half a minute after a cut cable
 * let nothing through any more. `work` is given a signal that is aborted when the lock was lost on the way.
 * Throws PghaError (HostLocked, retry soon) when another holds it.
 */
export async function withHostLock<T>(
  shell: RemoteShell,
  owner: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: locked, resolve: markLocked } = Promise.withResolvers<undefined>();
  const lost = new AbortController();
  const held = shell.run(holdLock(owner), {
    deadlineMs: longestHoldMs,
    holdUntil: released,
    heartbeatMs: 5_000,
    onLine: (line) => {
      if (line === "locked") {
        markLocked(undefined);
      }
    },
  });
  const ended = held.then(
    (result) =>
      lost.abort(
        new PghaError(`the run lock on ${shell.host} was lost (exit ${result.exitCode})`, {
          reason: "HostLockLost",
          retry: "soon",
        }),
      ),
    (error: unknown) => lost.abort(error),
  );
  try {
    const refused = await Promise.race([locked, held]);
    if (refused !== undefined) {
      throw lockFailure(shell.host, refused);
    }
    return await work(lost.signal);
  } finally {
    release();
    await ended;
  }
}

/**
 * The same command, not before an earlier step on that host ended. Children inherit the lock, so a step that outlived
 * a lost connection is waited for, at most stepLockWaitMs (add it to the deadline); then it exits with 75. What the
 * command leaves running in the background keeps the lock, unless it was started by systemd or with `8>&-`.
 */
export function underStepLock(command: Command): Command {
  return underLock(command, "-x", stepLockWaitMs);
}

/** The same looking command, not while a step changes that host; looks do not wait for each other. Exits with 75. */
export function underLookLock(command: Command): Command {
  return underLock(command, "-s", lookLockWaitMs);
}

export const stepLockWaitMs = 60_000;
export const lookLockWaitMs = 30_000;

/** Exit code of a command that did not get its lock: EX_TEMPFAIL of sysexits.h. */
export const exitCodeOfLock = 75;

/** A wave never takes that long; should this side hang, the lock does not stay for ever. */
const longestHoldMs = 6 * 60 * 60 * 1000;

/**
 * Descriptor 9 holds the lock. The loop ends at end of input (released, or the connection ended) and when no heartbeat
 * came for 30 s. head(1) may take more than one byte: they are all heartbeats.
 */
function holdLock(owner: string): Command {
  return sh`umask 077; mkdir -p /run/pgha || exit 77
exec 9>>/run/pgha/run.lock || exit 77
flock -n 9 || { head -c 500 /run/pgha/run.owner; exit ${exitCodeOfLock}; }
printf '%s\n' ${oneLine(owner)} > /run/pgha/run.owner
echo locked
while [ "$(timeout 30 head -c 1 | wc -c)" -gt 0 ]; do :; done
rm -f /run/pgha/run.owner`;
}

function underLock(command: Command, mode: "-x" | "-s", waitMs: number): Command {
  const wrapped = sh`(
umask 077; mkdir -p /run/pgha; exec 8>>/run/pgha/step.lock; umask 022
flock ${mode} -w ${waitMs / 1000} 8 || {
  echo 'pgha: an earlier step still runs on this host' >&2
  exit ${exitCodeOfLock}
}
${command}
)`;
  return { ...wrapped, display: command.display };
}

function lockFailure(host: string, result: RunResult): PghaError {
  if (result.exitCode === exitCodeOfLock) {
    const owner = oneLine(result.stdout) || "another run that left no name";
    return new PghaError(`${host} is locked by ${owner}`, {
      reason: "HostLocked",
      retry: "soon",
      wayOut: "wait until that run ends; if it died, its lock ends within half a minute",
    });
  }
  const said = oneLine(result.stderr) || `exit ${result.exitCode}`;
  if (/permission denied/i.test(said)) {
    return new HostAccessError(host, `the run lock on ${host} cannot be taken: ${said}`, {
      reason: "PrivilegeMissing",
      wayOut: "log in as root, or set become: sudo",
    });
  }
  return new PghaError(`the run lock on ${host} cannot be taken: ${said}`, {
    reason: "HostLockFailed",
    retry: "backoff",
  });
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, 200);
}

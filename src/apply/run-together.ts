import { setTimeout as sleep } from "node:timers/promises";
import { commandFor, deadlineFor, meanwhileFor } from "../changes/commands.ts";
import { hostKindOf, isHostChange } from "../changes/table.ts";
import { HEARTBEAT_MS } from "../changes/switch-over.ts";
import type { Meanwhile } from "../changes/change-kind.ts";
import { PghaError } from "../errors.ts";
import type { Step } from "../plan/plan.ts";
import type { Command } from "../shell/command.ts";
import { stepLockWaitMs, underStepLock, withHostLock } from "../shell/host-lock.ts";
import type { RunResult } from "../shell/shell.ts";
import type { Hands } from "./hands.ts";
import { CommandFailedError, failureOf } from "./run-steps.ts";
import type { Stopping } from "./run-steps.ts";

/** The hosts that a step holds beside its own, by what its change does there meanwhile. */
export function isTogether({ change }: Step): boolean {
  return isHostChange(change) && hostKindOf(change).meanwhile !== undefined;
}

/** Takes a step that several hosts take part in, each under its lock, and tells of it. */
export async function takeTogether(step: Step, hands: Hands, { fail }: Pick<Stopping, "fail">): Promise<void> {
  const started = hands.now();
  hands.onEvent({ kind: "step-started", step });
  try {
    const { host = "", change, resource } = step;
    if (!isHostChange(change)) throw new TypeError(`${step.id} is for the controlling side`);
    const material = hands.materialFor(resource);
    const { before, meanwhile } = meanwhileFor(change, material);
    const hosts = new Set([host, ...[...before, ...meanwhile].map((one) => one.host)]);
    await underLocks([...hosts], hands, async () => {
      const deadlineMs = deadlineFor(change);
      const run = async (on: string, command: Command) =>
        demand(command, await hands.shellFor(on).run(underStepLock(command), { deadlineMs }));
      await Promise.all(before.map(async (one) => run(one.host, one.command)));
      const [last, first] = [meanwhile.filter((one) => one.endsWithAct !== true), meanwhile.filter(endsWithAct)];
      // Nobody waits yet while readers leave.
      await besides(first, hands, async () =>
        besides(last, hands, async () => run(host, commandFor(change, material))),
      );
    });
    hands.onEvent({ kind: "step-done", step, tookMs: hands.now() - started });
  } catch (error) {
    const failure = failureOf(step, error);
    hands.onEvent({ kind: "step-failed", step, failure });
    fail(step, failure);
  }
}

/**
 * Begins what others do meanwhile; once all are ready, acts; resolves when all are over. Where one is not ready, or the
 * act fails, all are let go of at once. While this side lives, they are told so.
 */
async function besides(meanwhile: readonly Meanwhile[], hands: Hands, act: () => Promise<void>): Promise<void> {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const { promise: acted, resolve: noteActed } = Promise.withResolvers<void>();
  const readyMs = Math.max(READY_MS, ...meanwhile.map((one) => one.readyMs ?? 0));
  const begun = meanwhile.map((one) => {
    const { host, command, deadlineMs } = one;
    const { promise: ready, resolve: markReady } = Promise.withResolvers<void>();
    const ended = hands
      .shellFor(host)
      .run(underStepLock(command), {
        deadlineMs: deadlineMs + stepLockWaitMs,
        holdUntil: endsWithAct(one) ? acted : over,
        heartbeatMs: HEARTBEAT_MS,
        onLine: (line) => {
          if (line === "ready") markReady();
        },
      })
      // What it prints is for this side alone; a person is told why it failed.
      .then((result) => demand(command, { ...result, stdout: "" }));
    return { ready, ended };
  });
  const all = Promise.all(begun.map(({ ended }) => ended));
  const isReady = new AbortController();
  try {
    await Promise.race([Promise.all(begun.map(({ ready }) => ready)), all, tooLong(readyMs, isReady.signal)]);
    isReady.abort();
    await act();
    noteActed();
  } catch (error) {
    noteActed();
    await Promise.allSettled(
      meanwhile.map(async ({ host, letGo }) => hands.shellFor(host).run(letGo, { deadlineMs: 20_000 })),
    );
    await Promise.allSettled(begun.map(({ ended }) => ended));
    throw error;
  } finally {
    isReady.abort();
    // Nobody reads what comes of the others once one has failed.
    all.catch(() => undefined);
    await Promise.allSettled(begun.map(({ ended }) => ended));
    end();
  }
  await all;
}

/** More than those give themselves who do not say. */
const READY_MS = 6_000;

/** Rejects when it takes too long, as where one host is cut off: those that are ready are not to wait for it. */
async function tooLong(readyMs: number, signal: AbortSignal): Promise<void> {
  await sleep(readyMs, undefined, { signal });
  throw new PghaError(`not all hosts were ready within ${readyMs / 1000} s, so nothing was done`, {
    reason: "HostSlow",
    retry: "backoff",
    wayOut: "Look at the hosts; then run again.",
  });
}

function endsWithAct(one: Meanwhile): boolean {
  return one.endsWithAct === true;
}

function demand(command: Command, result: RunResult): void {
  if (result.exitCode !== 0) throw new CommandFailedError(command, result);
}

async function underLocks(hosts: readonly string[], hands: Hands, work: () => Promise<void>): Promise<void> {
  const [host, ...more] = hosts;
  if (host === undefined) return work();
  return withHostLock(hands.shellFor(host), hands.owner, async (lost) => {
    lost.throwIfAborted();
    await underLocks(more, hands, work);
  });
}

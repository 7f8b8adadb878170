import type { ControllerChange } from "../changes/change.ts";
import { commandFor, deadlineFor } from "../changes/commands.ts";
import type { Material } from "../changes/commands.ts";
import { describe } from "../changes/describe.ts";
import { PghaError } from "../errors.ts";
import type { Step } from "../plan/plan.ts";
import type { Command } from "../shell/command.ts";
import { stepLockWaitMs, underStepLock, withHostLock } from "../shell/host-lock.ts";
import type { RemoteShell } from "../shell/shell.ts";
import type { ApplyEvent, StepFailure } from "./events.ts";

/** What taking a wave needs of the outside. */
export interface Hands {
  readonly shellFor: (host: string) => RemoteShell;
  readonly materialFor: (resource: string) => Material;
  /** Acts on the controlling side's own records. */
  readonly record: (change: ControllerChange, resource: string) => Promise<void>;
  readonly owner: string;
  readonly onEvent: (event: ApplyEvent) => void;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

export type WaveResult =
  | { readonly kind: "taken" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly step: Step; readonly failure: StepFailure };

/**
 * Takes the steps of one wave: hosts side by side, the steps of a host one after the other, each host under its
 * lock. The first failure anywhere, and an interruption, let every host finish the step in hand and no more.
 */
export async function takeWave(steps: readonly Step[], hands: Hands): Promise<WaveResult> {
  const stop = { failed: undefined as Extract<WaveResult, { kind: "failed" }> | undefined };
  const mayGoOn = (): boolean => stop.failed === undefined && !hands.signal.aborted;
  const one = async (step: Step, act: () => Promise<void>): Promise<void> => {
    hands.onEvent({ kind: "step-started", step });
    const started = hands.now();
    try {
      await act();
    } catch (error) {
      const failure = failureOf(step, error);
      hands.onEvent({ kind: "step-failed", step, failure });
      stop.failed ??= { kind: "failed", step, failure };
      return;
    }
    hands.onEvent({ kind: "step-done", step, tookMs: hands.now() - started });
  };
  const inOrder = async (own: readonly Step[], act: (step: Step) => Promise<void>, lost?: AbortSignal): Promise<void> => {
    for (const step of own) {
      if (!mayGoOn()) return;
      lost?.throwIfAborted();
      await one(step, () => act(step));
    }
  };

  await inOrder(steps.filter((step) => step.host === undefined), async (step) => hands.record(step.change as ControllerChange, step.resource));
  const byHost = Map.groupBy(steps.filter((step) => step.host !== undefined), (step) => step.host ?? "");
  await Promise.all([...byHost].map(async ([host, own]) => {
    const [first] = own;
    if (first === undefined || !mayGoOn()) return;
    const shell = hands.shellFor(host);
    try {
      await withHostLock(shell, hands.owner, async (lost) => inOrder(own, async (step) => runStep(step, shell, hands), lost));
    } catch (error) {
      stop.failed ??= { kind: "failed", step: first, failure: failureOf(first, error) };
    }
  }));
  return stop.failed ?? (hands.signal.aborted ? { kind: "interrupted" } : { kind: "taken" });
}

/** A command that ran to its end and did not succeed. */
class CommandFailedError extends PghaError {
  override readonly name: string = "CommandFailedError";
  readonly command: Command;
  readonly exitCode: number;
  readonly said: string;

  constructor(command: Command, exitCode: number, said: string) {
    super(`the command ended with exit code ${exitCode}: ${said}`, { reason: "CommandFailed", retry: "backoff" });
    this.command = command;
    this.exitCode = exitCode;
    this.said = said;
  }
}

async function runStep(step: Step, shell: RemoteShell, hands: Hands): Promise<void> {
  if (step.change.kind === "write-secret" || step.change.kind === "record-bootstrap-intent") {
    throw new Error(`${step.id} is for the controlling side`);
  }
  const command = commandFor(step.change, hands.materialFor(step.resource));
  const result = await shell.run(underStepLock(command), { deadlineMs: deadlineFor(step.change) + stepLockWaitMs });
  if (result.exitCode !== 0) {
    throw new CommandFailedError(command, result.exitCode, lastLines(`${result.stdout}\n${result.stderr}`));
  }
}

const SAID_LINES = 12;

function lastLines(text: string): string {
  return text.split("\n").filter((line) => line.trim() !== "").slice(-SAID_LINES).join("\n");
}

function failureOf(step: Step, error: unknown): StepFailure {
  if (error instanceof CommandFailedError) {
    return { host: step.host, command: error.command.display, exitCode: error.exitCode, said: error.said, wayOut: "Mend what it complains about, then run again: what is done stays done." };
  }
  const message = error instanceof Error ? error.message : String(error);
  const wayOut = error instanceof PghaError ? error.wayOut : undefined;
  return { host: step.host, command: describe(step.change), exitCode: undefined, said: message, wayOut: wayOut ?? "Run again: what is done stays done." };
}

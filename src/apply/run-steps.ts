import { commandFor, confirmationFor, deadlineFor } from "../changes/commands.ts";
import { describe } from "../changes/describe.ts";
import { isHostChange } from "../changes/table.ts";
import type { HostChange } from "../changes/table.ts";
import { PghaError } from "../errors.ts";
import type { Step } from "../plan/plan.ts";
import type { Command } from "../shell/command.ts";
import { stepLockWaitMs, underStepLock } from "../shell/host-lock.ts";
import type { RemoteShell, RunResult } from "../shell/shell.ts";
import type { StepFailure } from "./events.ts";
import type { Hands } from "./hands.ts";
import { confirmAnew } from "./confirm-anew.ts";
import { progressOf } from "./step-progress.ts";
import type { Progress } from "./step-progress.ts";
import { batchOf, stepOver } from "./step-batch.ts";

export interface Stopping {
  /** Aborted when no step is to be begun any more. */
  readonly stopping: AbortSignal;
  readonly fail: (step: Step, failure: StepFailure) => void;
}

/**
 * Takes steps of one host, one after the other, in one exec; tells of each. Ends early when stopped, after the step in
 * hand.
 */
export async function runSteps(
  steps: readonly Step[],
  shell: RemoteShell,
  hands: Hands,
  { stopping, fail }: Stopping,
): Promise<void> {
  let number = 0;
  let started = hands.now();
  const begin = (): void => {
    const step = steps[number];
    started = hands.now();
    if (step !== undefined && !stopping.aborted) hands.onEvent({ kind: "step-started", step });
  };
  const end = (): void => {
    const step = steps[number];
    if (step !== undefined) hands.onEvent({ kind: "step-done", step, tookMs: hands.now() - started });
    number += 1;
    begin();
  };

  begin();
  try {
    const commands = steps.map((step) => commandFor(hostChange(step), hands.materialFor(step.resource)));
    // What is to be confirmed goes alone, and is over when it is.
    const confirm = steps.length === 1 ? confirmationOf(steps[0]) : undefined;
    const onOver = confirm === undefined ? end : () => undefined;
    const progress = progressOf(steps, commands, hands);
    const result = await runCommands(commands, shell, { deadlineMs: deadlineOf(steps), stopping, onOver, progress });
    if (confirm !== undefined && result.exitCode === 0) {
      const confirmed = await confirmAnew(confirm, shell, hands.now);
      if (confirmed.exitCode !== 0) throw new CommandFailedError(confirm, confirmed);
      end();
    }
    const command = commands[number];
    if (command !== undefined && (result.exitCode !== 0 || !stopping.aborted))
      throw new CommandFailedError(command, result);
  } catch (error) {
    const step = steps[number];
    if (step === undefined) throw error;
    const failure = failureOf(step, error);
    hands.onEvent({ kind: "step-failed", step, failure });
    fail(step, failure);
  }
}

async function runCommands(
  commands: readonly Command[],
  shell: RemoteShell,
  {
    deadlineMs,
    stopping,
    onOver,
    progress,
  }: {
    readonly deadlineMs: number;
    readonly stopping: AbortSignal;
    readonly onOver: () => void;
    readonly progress: Progress;
  },
): Promise<RunResult> {
  const [only, ...more] = commands;
  if (only !== undefined && more.length === 0) {
    const result = await shell.run(underStepLock(only), { deadlineMs, ...progress });
    if (result.exitCode === 0) onOver();
    return result;
  }
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  stopping.addEventListener("abort", () => stop(), { once: true });
  if (stopping.aborted) stop();
  const onLine = (line: string): void => {
    if (stepOver(line) !== undefined) onOver();
  };
  const result = await shell.run(underStepLock(batchOf(commands)), { deadlineMs, holdUntil: stopped, onLine });
  // Which steps are over is told there; what they printed is on the other.
  return { ...result, stdout: "" };
}

function hostChange({ id, change }: Step): HostChange {
  if (!isHostChange(change)) throw new TypeError(`${id} is for the controlling side`);
  return change;
}

function confirmationOf(step: Step | undefined): Command | undefined {
  return step === undefined ? undefined : confirmationFor(hostChange(step));
}

function deadlineOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + deadlineFor(hostChange(step)), stepLockWaitMs);
}

/** A command that ran to its end and did not succeed. */
export class CommandFailedError extends PghaError {
  override readonly name: string = "CommandFailedError";
  readonly command: Command;
  readonly exitCode: number;
  readonly said: string;

  constructor(command: Command, { exitCode, stdout, stderr }: RunResult) {
    const said = lastLines(`${stdout}\n${stderr}`);
    super(`the command ended with exit code ${exitCode}: ${said}`, { reason: "CommandFailed", retry: "backoff" });
    this.command = command;
    this.exitCode = exitCode;
    this.said = said;
  }
}

const SAID_LINES = 12;

function lastLines(text: string): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-SAID_LINES)
    .join("\n");
}

/** What a person is told of an error that ended a step, or kept it from beginning. */
export function failureOf(step: Step, error: unknown): StepFailure {
  if (error instanceof CommandFailedError) {
    return {
      host: step.host,
      command: error.command.display,
      exitCode: error.exitCode,
      said: error.said,
      wayOut: "Mend what it complains about, then run again: what is done stays done.",
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const wayOut = error instanceof PghaError ? error.wayOut : undefined;
  return {
    host: step.host,
    command: describe(step.change),
    exitCode: undefined,
    said: message,
    wayOut: wayOut ?? "Run again: what is done stays done.",
  };
}

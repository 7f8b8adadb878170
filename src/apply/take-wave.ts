import type { ControllerChange } from "../changes/table.ts";
import type { Step } from "../plan/plan.ts";
import { withHostLock } from "../shell/host-lock.ts";
import type { StepFailure } from "./events.ts";
import type { Hands } from "./hands.ts";
import { failureOf, runSteps } from "./run-steps.ts";
import { isTogether, takeTogether } from "./run-together.ts";
import { inBatches } from "./step-batch.ts";

export type WaveResult =
  | { readonly kind: "taken" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly step: Step; readonly failure: StepFailure };

/**
 * Takes the steps of one wave: hosts side by side, the steps of a host one after the other, each host under its
 * lock; then those that several hosts take part in. The first failure anywhere, and an interruption, let every host
 * finish the step in hand and no more.
 */
export async function takeWave(steps: readonly Step[], hands: Hands): Promise<WaveResult> {
  const stop = new AbortController();
  let failed: Extract<WaveResult, { kind: "failed" }> | undefined;
  const fail = (step: Step, failure: StepFailure): void => {
    failed ??= { kind: "failed", step, failure };
    stop.abort();
  };
  const stopping = AbortSignal.any([stop.signal, hands.signal]);

  for (const step of steps.filter(({ host }) => host === undefined)) {
    if (!stopping.aborted) await recordStep(step, hands, fail);
  }
  const byHost = Map.groupBy(
    steps.filter((step) => step.host !== undefined && !isTogether(step)),
    ({ host }) => host ?? "",
  );
  await Promise.all(
    [...byHost].map(async ([host, own]) => {
      const [first] = own;
      if (first === undefined || stopping.aborted) return;
      const shell = hands.shellFor(host);
      try {
        await withHostLock(shell, hands.owner, async (lost) => {
          for (const batch of inBatches(own)) {
            if (!stopping.aborted)
              await runSteps(batch, shell, hands, { stopping: AbortSignal.any([stopping, lost]), fail });
            lost.throwIfAborted();
          }
        });
      } catch (error) {
        fail(first, failureOf(first, error));
      }
    }),
  );
  for (const step of steps.filter(isTogether)) if (!stopping.aborted) await takeTogether(step, hands, { fail });
  return failed ?? (hands.signal.aborted ? { kind: "interrupted" } : { kind: "taken" });
}

async function recordStep(step: Step, hands: Hands, fail: (step: Step, failure: StepFailure) => void): Promise<void> {
  hands.onEvent({ kind: "step-started", step });
  const started = hands.now();
  try {
    await hands.record(step.change as ControllerChange, step.resource);
    hands.onEvent({ kind: "step-done", step, tookMs: hands.now() - started });
  } catch (error) {
    const failure = failureOf(step, error);
    hands.onEvent({ kind: "step-failed", step, failure });
    fail(step, failure);
  }
}

import type { Plan, Stage, Step, Wait } from "../plan/plan.ts";

/** What an apply tells while it runs; the command line draws it, JSON logs and the operator record it. */
export type ApplyEvent =
  | { readonly kind: "looked"; readonly round: number; readonly tookMs: number; readonly plan: Plan }
  | { readonly kind: "wave-started"; readonly stage: Stage; readonly steps: readonly Step[] }
  | { readonly kind: "step-started"; readonly step: Step }
  | {
      /** How much of what it sends has gone out, at each tenth; or what it said last. */
      readonly kind: "step-progress";
      readonly step: Step;
      readonly far: string;
    }
  | { readonly kind: "step-done"; readonly step: Step; readonly tookMs: number }
  | { readonly kind: "step-failed"; readonly step: Step; readonly failure: StepFailure }
  | { readonly kind: "waiting"; readonly waits: readonly Wait[]; readonly elapsedMs: number };

export interface StepFailure {
  readonly host: string | undefined;
  /** Masked for people. */
  readonly command: string;
  readonly exitCode: number | undefined;
  /** Last lines of what it said, masked. */
  readonly said: string;
  readonly wayOut: string;
}

/** How an apply ended. */
export type Outcome =
  | { readonly kind: "converged" }
  | { readonly kind: "blocked"; readonly plan: Plan }
  | { readonly kind: "failed"; readonly step: Step; readonly failure: StepFailure }
  | { readonly kind: "deadline"; readonly wait: Wait; readonly waitedMs: number; readonly said: readonly string[] }
  | { readonly kind: "interrupted" };

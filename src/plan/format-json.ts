import { describe } from "../changes/describe.ts";
import type { Action } from "../changes/change-kind.ts";
import { kindOf } from "../changes/table.ts";
import type { Change } from "../changes/table.ts";
import { actionOf } from "./format-symbol.ts";
import { summaryOf } from "./summary.ts";
import type { PlanSummary } from "./summary.ts";
import type { Blocker, Impact, Plan, Stage, Wait, Warning } from "./plan.ts";

/**
 * What `pgha plan -o json` prints. Stable: fields may be added, none is renamed or removed within a major version.
 * Holds no file content and no secret, so it can be stored and compared.
 */
export interface PlanDocument {
  readonly apiVersion: "pgha.keybuzz.io/v1alpha1";
  readonly kind: "Plan";
  readonly summary: PlanSummary;
  readonly steps: readonly PlanDocumentStep[];
  readonly waits: readonly Wait[];
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly Warning[];
}

export interface PlanDocumentStep {
  readonly id: string;
  readonly resource: string;
  /** null: on the controlling side. */
  readonly host: string | null;
  readonly stage: Stage;
  readonly action: Action;
  /** Kind of the change, e.g. `write-file`. */
  readonly change: Change["kind"];
  /** What it acts on: a path, unit, package list, role, database or secret. */
  readonly target: string;
  readonly description: string;
  readonly because: string;
  readonly impact: Impact;
  /** Who notices what, in words; null where nobody does. */
  readonly noticed: string | null;
}

export function planDocument(plan: Plan): PlanDocument {
  return {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "Plan",
    summary: summaryOf(plan),
    // Field by field, so that a field added to a change is not printed before somebody thought about it.
    steps: plan.steps.map((step) => ({
      id: step.id,
      resource: step.resource,
      host: step.host ?? null,
      stage: step.stage,
      action: actionOf(step),
      change: step.change.kind,
      target: kindOf(step.change).target(step.change),
      description: describe(step.change),
      because: step.because,
      impact: step.impact,
      noticed: step.noticed ?? null,
    })),
    waits: plan.waits,
    blockers: plan.blockers,
    warnings: plan.warnings,
  };
}

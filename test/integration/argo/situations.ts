import type { Kind } from "../../../src/api/index.ts";
import type { Step, Wait } from "../../../src/plan/plan.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { overdue, stepFailed, stepUndone } from "../../../src/operator/status/amend.ts";
import { handsOff } from "../../../src/status/hands-off.ts";
import { storedStatus } from "../../../src/operator/status/stored-status.ts";
import { unlookedStatus } from "../../../src/operator/status/unlooked.ts";
import type { Refusal } from "../../../src/operator/status/unlooked.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

/** A resource as the API server would have it in some situation. */
export interface Recorded {
  readonly kind: Kind;
  readonly object: StoredResource;
}

const NOW = 1_700_000_000_000;
const GENERATION = 3;
const pristine = await convergedWorld();

/** What the operator would store after a pass over the model, `amend` being what only it knows. */
export function recordedFrom(
  pass: Pass,
  amend: (report: ResourceStatus) => ResourceStatus = (report) => report,
): readonly Recorded[] {
  return [...pass.statuses].map(([name, report]) => {
    const kind = name.split("/")[0] as Kind;
    const current = {
      ...report,
      observedGeneration: GENERATION,
      conditions: report.conditions.map((condition) => ({ ...condition, observedGeneration: GENERATION })),
    };
    return { kind, object: { ...bare(kind), status: storedStatus(kind, amend(current), undefined, NOW) } };
  });
}

export function bare(kind: Kind): StoredResource {
  return {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind,
    metadata: { name: "keybuzz", namespace: "db", uid: "1", generation: GENERATION },
  };
}

/** The converged sample stack with something changed about its world, looked at. */
export async function after(
  change: (model: ModelWorld) => void,
  amend?: (report: ResourceStatus, pass: Pass) => ResourceStatus,
): Promise<readonly Recorded[]> {
  const model = pristine.copy();
  change(model);
  const pass = await planOf(model);
  return recordedFrom(pass, amend === undefined ? undefined : (report) => amend(report, pass));
}

export function refused(kind: Kind, refusal: Refusal): Recorded {
  return { kind, object: { ...bare(kind), status: unlookedStatus(kind, bare(kind), refusal, NOW, true) } };
}

const STEP = {
  id: "x",
  host: "db-slave-01",
  change: { kind: "start-unit", unit: "patroni.service" },
  because: "it is down",
} as unknown as Step;
const FAILURE = { host: "db-slave-01", said: "no space left on device", wayOut: "Make room." } as Parameters<
  typeof stepFailed
>[2];
const WAIT = {
  reason: "ReplicaNotStreaming",
  for: "db-slave-01 to stream",
  deadlineSeconds: 60,
  wayOut: "Look at its log.",
} as unknown as Wait;

/** What the operator says over what a pass reported. */
export const AMENDED = {
  paused: (report: ResourceStatus) => handsOff(report, "Paused"),
  observeOnly: (report: ResourceStatus) => handsOff(report, "ObserveOnly"),
  stepFailed: (report: ResourceStatus) => stepFailed(report, STEP, FAILURE),
  stepUndone: (report: ResourceStatus) => stepUndone(report, STEP, FAILURE),
  overdue: (report: ResourceStatus) => overdue(report, WAIT),
} as const;

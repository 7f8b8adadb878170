import type { Resource } from "../api/index.ts";
import { describe } from "../changes/describe.ts";
import type { Material } from "../changes/material.ts";
import type { Step } from "../plan/plan.ts";
import { nextWave } from "../plan/wave.ts";
import { lookForRemoval } from "../reconcilers/removal/look.ts";
import type { RemovalPass } from "../reconcilers/removal/look.ts";
import type { RemovalWish } from "../reconcilers/removal/plan.ts";
import type { World } from "../reconcilers/world.ts";
import { RepeatGuard } from "./deadlines.ts";
import type { ApplyEvent, Outcome, StepFailure } from "./events.ts";
import type { Hands } from "./hands.ts";
import { takeWave } from "./take-wave.ts";
import type { WaveResult } from "./take-wave.ts";

export interface RemoveOptions {
  readonly onEvent: (event: ApplyEvent) => void;
  /** Aborting it lets the step in hand finish, then ends with `interrupted`. */
  readonly signal: AbortSignal;
}

/**
 * Stops, and by its policy removes, what a resource left on its hosts: looks, takes a wave, looks again, until nothing
 * is left to do. Begun again after a crash, it goes on from what is there. Hosts that are away come back in
 * `pass.away`.
 */
export async function remove(
  resource: Resource,
  wish: RemovalWish,
  world: World,
  { onEvent, signal }: RemoveOptions,
): Promise<{ readonly outcome: Outcome; readonly pass: RemovalPass }> {
  const repeats = new RepeatGuard();
  for (let round = 1; ; round += 1) {
    const started = world.now();
    const pass = await lookForRemoval(resource, wish, world);
    onEvent({ kind: "looked", round, tookMs: world.now() - started, plan: pass.plan });
    if (signal.aborted) return { outcome: { kind: "interrupted" }, pass };
    const wave = nextWave(pass.plan);
    if (wave.kind === "blocked") return { outcome: { kind: "blocked", plan: pass.plan }, pass };
    if (wave.kind !== "steps") return { outcome: { kind: "converged" }, pass };
    const unheld = repeats.doesNotHold(wave.steps);
    if (unheld !== undefined) return { outcome: { kind: "failed", step: unheld, failure: undone(unheld) }, pass };
    onEvent({ kind: "wave-started", stage: wave.stage, steps: wave.steps });
    const { owner, now } = world;
    const result = await takeRemovalWave(wave.steps, { shellFor: pass.shellFor, owner, now, onEvent, signal });
    if (result.kind !== "taken") return { outcome: result, pass };
  }
}

/** Takes steps of a removal, which take no password and record nothing. */
export async function takeRemovalWave(
  steps: readonly Step[],
  hands: Omit<Hands, "materialFor" | "record">,
): Promise<WaveResult> {
  return takeWave(steps, {
    ...hands,
    materialFor: () => NO_SECRETS,
    record: () => Promise.reject(new TypeError("a removal records nothing")),
  });
}

const NO_SECRETS: Material = {
  get credentials(): never {
    throw new TypeError("a removal needs no credentials");
  },
  postgresqlPort: 0,
};

function undone({ host, change, because }: Step): StepFailure {
  return {
    host,
    command: describe(change),
    exitCode: 0,
    said: `it was done three times and is still needed: ${because}`,
    wayOut: "Something else on that host starts it, or puts its files back. Find it, then run again.",
  };
}

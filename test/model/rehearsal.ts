import { isService } from "../../src/api/index.ts";
import { jointWave } from "../../src/plan/joint-wave.ts";
import type { Step } from "../../src/plan/plan.ts";
import { nextWave } from "../../src/plan/wave.ts";
import type { Pass } from "../../src/reconcilers/reconcile.ts";
import { planOf } from "./converge.ts";
import { putRight } from "./happenings.ts";
import type { RemovalWish } from "../../src/reconcilers/removal/plan.ts";
import { resourcesOf } from "../../src/reconcilers/stack.ts";
import type { ModelWorld } from "./model-world.ts";
import { removalPlan, removalWave } from "./model-removal.ts";
import { followWaysOut } from "./people.ts";
import { untold } from "./ready.ts";
import { InvariantBrokenError, Watched } from "./watched.ts";
import type { Script } from "./watched.ts";
import { happenOne, over, takeWave } from "./waves.ts";
import type { Open } from "./waves.ts";

/** Who decides what is taken next: pgha, or somebody who does it wrong on purpose. */
export interface Planner {
  readonly name: string;
  readonly wave: (pass: Pass, model: ModelWorld) => readonly Step[];
  /** What it does beside taking steps. */
  readonly acts?: (model: ModelWorld) => void;
  /** What it tells, where that is not what the pass says. */
  readonly statuses?: (pass: Pass) => Pass["statuses"];
}

export const COMMAND_LINE: Planner = {
  name: "pgha apply",
  wave: ({ plan }) => {
    const wave = nextWave(plan);
    return wave.kind === "steps" ? wave.steps : [];
  },
};

export const OPERATOR: Planner = {
  name: "the operator",
  wave: ({ plans }) => {
    const waves = [...plans.values()].map((plan) => nextWave(plan));
    return jointWave(
      waves.map((wave) => (wave.kind === "steps" ? wave.steps : [])),
      [...plans.values()],
    ).steps;
  },
};

/**
 * Lets a planner work on a world while things happen: each wave as it is taken, hosts side by side in any order, each step
 * beginning and ending; killed anywhere, after which a host finishes what it began, and everything is planned anew. At the
 * end people put right what is theirs, and then all has to come right.
 */
export async function rehearse(model: ModelWorld, script: Script, planner: Planner): Promise<Watched> {
  model.byTheClock = true;
  const watched = new Watched(model, script.chance);
  const happenings = [...script.happenings];
  const open = new Map<string, Open>();
  let isPutRight = false;
  for (let calm = 0, round = 0; calm < 2; round += 1) {
    if (round > ROUNDS) throw new InvariantBrokenError("it comes right", await whatIsLeft(model), watched.story);
    if (happenings.length > 0 && watched.choose(3) !== 0) happenOne(watched, happenings);
    const pass = await planOf(model);
    watched.looked();
    tellTruly(watched, pass, planner);
    planner.acts?.(model);
    if (planner.acts !== undefined) watched.check("apply", `${planner.name} acts`);
    const steps = planner.wave(pass, model);
    if (steps.length > 0) {
      calm = 0;
      await takeWave(watched, { cause: "apply", steps, pass, open, happenings });
      continue;
    }
    for (const host of open.keys()) await over(watched, open, host);
    if (happenings.length > 0) happenOne(watched, happenings);
    else if (!isPutRight) {
      isPutRight = true;
      putRight(model);
      watched.check("person", "people put right what is theirs");
    } else if (isReady(pass)) calm += 1;
    else followWaysOut(model, pass.plan, (what) => watched.check("person", what));
    watched.pass(4 + watched.choose(4));
  }
  return watched;
}

const ROUNDS = 50;

function tellTruly({ model, story }: Watched, pass: Pass, { statuses }: Planner): void {
  const [lie] = untold(model, statuses?.(pass) ?? pass.statuses);
  if (lie !== undefined) throw new InvariantBrokenError("Ready is a promise", lie, story);
}

function isReady({ statuses }: Pass): boolean {
  return [...statuses.values()].every(({ phase }) => phase === "Ready");
}

async function whatIsLeft(model: ModelWorld): Promise<string> {
  const { plan } = await planOf(model);
  return [
    ...plan.blockers.map(({ reason, host = "", why }) => `${reason} ${host}: ${why}`),
    ...plan.waits.map(({ reason, for: what }) => `${reason}: ${what}`),
    ...plan.steps.map(({ id }) => id),
  ].join("; ");
}

/**
 * The same of a deletion: poolers first, clusters last, each to its end before the next; begun again wherever it was
 * interrupted, and then, as it has no memory, with who leads by then.
 */
export async function rehearseRemoval(
  model: ModelWorld,
  script: Script,
  policy: "Retain" | RemovalWish["policy"],
  wave: typeof removalWave = removalWave,
): Promise<Watched> {
  model.byTheClock = true;
  const watched = new Watched(model, script.chance, policy);
  if (policy === "Retain") return watched;
  const happenings = [...script.happenings];
  const open = new Map<string, Open>();
  const pass = await planOf(model);
  const [cluster] = model.stack.clusters;
  for (const resource of resourcesOf(model.stack).filter(isService).toReversed()) {
    let isPutRight = false;
    let leader = cluster === undefined ? undefined : model.leader(cluster)?.name;
    for (let round = 0; ; round += 1) {
      if (round > ROUNDS) throw new InvariantBrokenError("it comes right", "a removal does not end", watched.story);
      const steps = wave(await removalPlan(model, resource, policy, leader));
      watched.looked();
      if (steps.length > 0) {
        const isKilled = await takeWave(watched, { cause: "removal", steps, pass, open, happenings });
        if (isKilled && cluster !== undefined) leader = model.leader(cluster)?.name;
        continue;
      }
      for (const host of open.keys()) await over(watched, open, host);
      if (isPutRight) break;
      isPutRight = true;
      putRight(model);
      watched.check("person", "people put right what is theirs");
      watched.pass(3);
    }
  }
  return watched;
}

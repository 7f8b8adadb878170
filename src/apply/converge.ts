import type { Plan, Step, Wait } from "../plan/plan.ts";
import { nextWave } from "../plan/wave.ts";
import { lookAt, passOver } from "../reconcilers/reconcile.ts";
import type { Pass, StackLooks } from "../reconcilers/reconcile.ts";
import type { Stack } from "../reconcilers/stack.ts";
import { keepSecrets, recordChange, recordSeen } from "../reconcilers/record.ts";
import type { World } from "../reconcilers/world.ts";
import { RepeatGuard, WaitClock } from "./deadlines.ts";
import type { ApplyEvent, Outcome } from "./events.ts";
import { pauseUntilWorthALook } from "./pause.ts";
import { takeWave } from "./take-wave.ts";
import { waitWords, whyUndone } from "./undone.ts";

export interface ConvergeOptions {
  readonly onEvent: (event: ApplyEvent) => void;
  /** Aborting it lets the step in hand finish, then ends with `interrupted`. */
  readonly signal: AbortSignal;
  /** Shown the first plan; false ends with `interrupted` before anything was touched. */
  readonly approve?: (pass: Pass) => Promise<boolean>;
  /** For one who was asked for a part only: of each plan, what belongs to it. */
  readonly partOf?: (plan: Plan) => Plan;
}

/**
 * Looks, plans, takes a wave, and looks again, until there is nothing to do, something blocks, a step fails or a
 * wait is overdue. Remembers nothing that the next run would miss.
 */
export async function converge(
  stack: Stack,
  world: World,
  options: ConvergeOptions,
): Promise<{ outcome: Outcome; pass: Pass }> {
  const waits = new WaitClock();
  const repeats = new RepeatGuard();
  const startedMs = world.now();
  let isApproved = false;
  let looked = await timedLook(stack, world);
  for (let round = 1; ; round += 1) {
    const whole = await passOver(stack, world, looked.looks, undefined, looked.focus);
    const pass = options.partOf === undefined ? whole : { ...whole, plan: options.partOf(whole.plan) };
    options.onEvent({ kind: "looked", round, tookMs: looked.tookMs, plan: pass.plan });
    if (await keepSecrets(pass, world.store)) {
      looked = { ...looked, tookMs: 0 };
      continue;
    }
    if (!isApproved && options.approve !== undefined && !(await options.approve(pass)))
      return { outcome: { kind: "interrupted" }, pass };
    isApproved = true;
    await recordSeen(pass, world.store);
    if (options.signal.aborted) return { outcome: { kind: "interrupted" }, pass };

    const wave = nextWave(pass.plan);
    if ((wave.kind === "done" || wave.kind === "blocked") && !looked.whole) {
      looked = await timedLook(stack, world);
      continue;
    }
    if (wave.kind === "done") return { outcome: { kind: "converged" }, pass };
    if (wave.kind === "blocked") return { outcome: { kind: "blocked", plan: pass.plan }, pass };
    if (wave.kind === "wait") {
      const overdue = waits.overdue(wave.waits, world.now());
      if (overdue !== undefined)
        return { outcome: { kind: "deadline", ...overdue, said: await waitWords(overdue.wait, pass) }, pass };
      options.onEvent({ kind: "waiting", waits: wave.waits, elapsedMs: world.now() - startedMs });
      await pauseUntilWorthALook(wave.waits, pass.shellFor, options.signal);
      looked = await lookAgain(stack, world, wave.waits, looked);
      continue;
    }
    const unheld = repeats.doesNotHold(wave.steps);
    if (unheld !== undefined)
      return { outcome: { kind: "failed", step: unheld, failure: await whyUndone(unheld, pass) }, pass };
    options.onEvent({ kind: "wave-started", stage: wave.stage, steps: wave.steps });
    const result = await takeWave(wave.steps, {
      shellFor: pass.shellFor,
      materialFor: pass.materialFor,
      owner: world.owner,
      onEvent: options.onEvent,
      signal: options.signal,
      now: world.now,
      record: async (change, resource) => recordChange(change, resource, pass, world),
    });
    if (result.kind !== "taken") return { outcome: result, pass };
    // Records are ours: what they change needs another plan, but no other look.
    if (wave.stage !== "record") looked = await lookAfter(stack, world, pass, wave.steps);
  }
}

interface Looked {
  readonly looks: StackLooks;
  readonly tookMs: number;
  /** Whether all hosts were asked for everything: only such a look proves that there is nothing to do. */
  readonly whole: boolean;
  /** The resources that were looked at since something was last done to any, where that is not all of them. */
  readonly focus?: ReadonlySet<string>;
}

async function timedLook(stack: Stack, world: World): Promise<Looked> {
  const started = world.now();
  const looks = await lookAt(stack, world);
  return { looks, tookMs: world.now() - started, whole: true };
}

/**
 * Looks again at what is waited for first: a pool can't be well before its cluster is, and asking whether clients can
 * log in takes seconds while they cannot.
 */
async function lookAgain(stack: Stack, world: World, waits: readonly Wait[], before: Looked): Promise<Looked> {
  const [first] = waits;
  return first === undefined
    ? timedLook(stack, world)
    : lookAtSome(stack, world, new Set([first.resource]), before.looks, before.focus);
}

/**
 * For the same reason looks, after a wave, only at resources that it left something to do for; if there is none, at
 * all.
 */
async function lookAfter(stack: Stack, world: World, pass: Pass, taken: readonly Step[]): Promise<Looked> {
  const unfinished = new Set(pass.plan.steps.filter((step) => !taken.includes(step)).map((step) => step.resource));
  return unfinished.size === 0 ? timedLook(stack, world) : lookAtSome(stack, world, unfinished, pass.looks, unfinished);
}

async function lookAtSome(
  stack: Stack,
  world: World,
  names: ReadonlySet<string>,
  before: StackLooks,
  focus: ReadonlySet<string> | undefined,
): Promise<Looked> {
  const started = world.now();
  const looks = await lookAt(stack, world, names);
  return {
    looks: new Map([...before, ...looks]),
    tookMs: world.now() - started,
    whole: false,
    ...(focus === undefined ? {} : { focus }),
  };
}

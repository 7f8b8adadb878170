import type { Plan } from "../plan/plan.ts";
import { nextWave } from "../plan/wave.ts";
import { lookAt, passOver } from "../reconcilers/reconcile.ts";
import type { Pass, StackLooks } from "../reconcilers/reconcile.ts";
import type { Stack } from "../reconcilers/stack.ts";
import { keepSecrets, recordChange, recordSeen } from "../reconcilers/record.ts";
import type { World } from "../reconcilers/world.ts";
import type { Ending } from "./ending.ts";
import type { ApplyEvent, Outcome } from "./events.ts";
import { HURRIED, Patience } from "./patience.ts";
import { takeTurns } from "./take-turns.ts";

export interface ConvergeOptions {
  readonly onEvent: (event: ApplyEvent) => void;
  /** Aborting it lets the step in hand finish, then ends with `interrupted`. */
  readonly signal: AbortSignal;
  /** Shown the first plan; false ends with `interrupted` before anything was touched. */
  readonly approve?: (pass: Pass) => Promise<boolean>;
  /** For one who was asked for a part only: of each plan, what belongs to it. */
  readonly partOf?: (plan: Plan) => Plan;
}

/** Takes turns with all that is applied together, until it is as wanted or nothing more can be done. */
export async function converge(
  stack: Stack,
  world: World,
  { onEvent, signal, approve = async () => true, partOf = (plan) => plan }: ConvergeOptions,
): Promise<{ outcome: Outcome; pass: Pass }> {
  const { owner, now, store } = world;
  const patience = new Patience(HURRIED);
  const startedMs = now();
  let round = 0;
  let isApproved = false;
  let looked = await timedLook(stack, world);
  let pass = await planned();
  const outcome = await takeTurns({
    owner,
    signal,
    now,
    onEvent,
    record: async (change, resource) => recordChange(change, resource, pass, world),
    async look(before) {
      if (before !== undefined) {
        looked = await lookAgain(stack, world, { before, plan: pass.plan, looked });
        pass = await planned();
      }
      const { plan, shellFor, materialFor } = pass;
      return { parties: [{ plan, patience }], plans: [plan], shellFor, materialFor };
    },
    async tell(_, next) {
      isApproved ||= await approve(pass);
      if (!isApproved) return true;
      await recordSeen(pass, store);
      if (next.kind === "wait" && next.overdue === undefined && !signal.aborted)
        onEvent({ kind: "waiting", waits: next.timed.map(({ wait }) => wait), elapsedMs: now() - startedMs });
      return undefined;
    },
  });
  return { outcome, pass };

  /** Plans from what was looked at; where that seems to be the end of it, from a whole look. */
  async function planned(): Promise<Pass> {
    for (;;) {
      const whole = await passOver(stack, world, looked.looks, undefined, looked.focus);
      const part = { ...whole, plan: partOf(whole.plan) };
      round += 1;
      onEvent({ kind: "looked", round, tookMs: looked.tookMs, plan: part.plan });
      const { kind } = nextWave(part.plan);
      if (await keepSecrets(part, store)) looked = { ...looked, tookMs: 0 };
      else if (looked.whole || (kind !== "done" && kind !== "blocked")) return part;
      else looked = await timedLook(stack, world);
    }
  }
}

interface Looked {
  readonly looks: StackLooks;
  readonly tookMs: number;
  /** Whether all hosts were asked for everything: only such a look proves that there is nothing to do. */
  readonly whole: boolean;
  /** The resources that were looked at since something was last done to any, where that is not all of them. */
  readonly focus: ReadonlySet<string> | undefined;
}

/** With `names`, at those resources alone: of the others what was seen before counts. */
async function timedLook(
  stack: Stack,
  world: World,
  names?: ReadonlySet<string>,
  before?: Pick<Looked, "looks" | "focus">,
): Promise<Looked> {
  const started = world.now();
  const looks = new Map([...(before?.looks ?? []), ...(await lookAt(stack, world, names))]);
  return { looks, tookMs: world.now() - started, whole: names === undefined, focus: before?.focus };
}

/**
 * Looks first at what is waited for: a pool can't be well before its cluster is, and asking whether clients can log in
 * takes seconds while they cannot. For the same reason, after a wave, only at resources that it left something to do
 * for; if there is none, at all. Records are ours: what they change needs another plan, but no other look.
 */
async function lookAgain(
  stack: Stack,
  world: World,
  { before, plan, looked }: { readonly before: Ending; readonly plan: Plan; readonly looked: Looked },
): Promise<Looked> {
  if (before.kind === "wait") {
    const names = before.timed.slice(0, 1).map(({ wait }) => wait.resource);
    return timedLook(stack, world, new Set(names), looked);
  }
  if (before.kind !== "taken") return timedLook(stack, world);
  if (before.stage === "record") return looked;
  const left = new Set(plan.steps.filter((step) => !before.steps.includes(step)).map((step) => step.resource));
  return left.size === 0 ? timedLook(stack, world) : timedLook(stack, world, left, { ...looked, focus: left });
}

import type { Step } from "../../src/plan/plan.ts";
import type { Pass } from "../../src/reconcilers/reconcile.ts";
import type { Script, Watched } from "./watched.ts";
import { ModelStepError } from "./model-units.ts";

/** What a host has begun and not brought to its end. */
export interface Open {
  readonly cause: WaveInHand["cause"];
  readonly step: Step;
  readonly pass: Pass;
}

export interface WaveInHand {
  readonly cause: "apply" | "removal";
  readonly steps: readonly Step[];
  readonly pass: Pass;
  readonly open: Map<string, Open>;
  readonly happenings: Script["happenings"][number][];
}

/** Hosts side by side, the steps of each in their order; the first failure, and a kill, let nobody begin another. Whether it was killed. */
export async function takeWave(
  watched: Watched,
  { cause, steps, pass, open, happenings }: WaveInHand,
): Promise<boolean> {
  const { model } = watched;
  for (const step of steps.filter(({ host }) => host === undefined)) {
    await model.end(step, pass);
    watched.check(cause, `done: ${step.id}`);
  }
  const queues = [
    ...Map.groupBy(
      steps.filter(({ host }) => host !== undefined),
      ({ host }) => host ?? "",
    ),
  ].map(([host, own]) => ({ host, rest: [...own] }));
  // Who was killed left a lock behind that lasts as long as what it began.
  for (const { host } of queues) await over(watched, open, host);
  let isStopped = false;
  for (;;) {
    const busy = queues.filter(({ host, rest }) => open.has(host) || (!isStopped && rest.length > 0));
    const next = busy[watched.choose(Math.max(1, busy.length))];
    if (next === undefined) return false;
    if (watched.choose(24) === 23) {
      watched.story.push("kill -9");
      return true;
    }
    if (happenings.length > 0 && watched.choose(8) === 7) happenOne(watched, happenings);
    try {
      if (open.has(next.host)) await over(watched, open, next.host);
      else begin(watched, open, { cause, step: next.rest.shift(), pass });
    } catch (error) {
      if (!(error instanceof ModelStepError)) throw error;
      watched.story.push(`failed: ${error.message}`);
      open.delete(next.host);
      isStopped = true;
    }
    watched.pass(watched.choose(3));
  }
}

function begin(
  watched: Watched,
  open: Map<string, Open>,
  { cause, step, pass }: Omit<Open, "step"> & { readonly step: Step | undefined },
): void {
  if (step?.host === undefined) return;
  watched.model.begin(step);
  open.set(step.host, { cause, step, pass });
  watched.check(cause, `begun: ${step.id}`);
}

/** What a host has in hand, it brings to its end; what it had in hand when its power went, is gone. */
export async function over(watched: Watched, open: Map<string, Open>, host: string): Promise<void> {
  const one = open.get(host);
  open.delete(host);
  if (one === undefined || !watched.model.host(host).powered) return;
  await watched.model.end(one.step, one.pass);
  watched.check(one.cause, `done: ${one.step.id}`);
}

export function happenOne(watched: Watched, happenings: Script["happenings"][number][]): void {
  const next = happenings.shift();
  if (next !== undefined) watched.happen(next);
}

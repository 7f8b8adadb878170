import { takeWave } from "../../apply/take-wave.ts";
import type { WaveResult } from "../../apply/take-wave.ts";
import { whyUndone } from "../../apply/undone.ts";
import type { ControllerChange } from "../../changes/table.ts";
import { describe } from "../../changes/describe.ts";
import { jointWave } from "../../plan/joint-wave.ts";
import type { Step } from "../../plan/plan.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { recordChange } from "../../reconcilers/record.ts";
import { DEFAULT_BACKOFF, pauseAfter } from "../../runtime/backoff.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import { DEFAULT_VISIT_TIMES } from "../../runtime/requeue.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import type { ResourceStatus } from "../../status/status.ts";
import { whileLeading } from "../hosts/watched-shell.ts";
import { stepFailed, stepUndone } from "../status/amend.ts";
import { storedStatus } from "../status/stored-status.ts";
import type { Seen, Visit } from "./parts.ts";
import { StepFailedError, StepUndoneError } from "./step-errors.ts";
import { through } from "./through.ts";
import type { Outcomes } from "./through.ts";

/** Between two looks whether what was done shows. */
const SETTLING_MS = 1_000;
/** Between two looks whether what is out of service, and holds a step by a budget, is back. */
const AWAY_POLL_MS = 10_000;

/** A resource with those of its next steps that are due. */
interface Acting extends Seen {
  readonly due: readonly Step[];
}

/** Takes one wave of what several resources of a stack have to do, if they are still what it was planned from. */
export async function act(seen: readonly Seen[], whole: Pass, outcomes: Outcomes): Promise<void> {
  const able: Acting[] = [];
  const judged = await through(seen, outcomes, async (one) => {
    const due = await dueSteps(one);
    if ("outcome" in due) return due.outcome;
    able.push({ ...one, due: due.steps });
    return undefined;
  });
  const wave = jointWave(
    able.map(({ due }) => due),
    [...whole.plans.values()],
  );
  const has = new Set(wave.map(({ resource }) => resource));
  const current = await through(
    able.filter(({ name }) => has.has(name)),
    outcomes,
    async ({ live }) => {
      await live.demandCurrent();
      return undefined;
    },
  );
  const [first] = current;
  if (first === undefined) return letGoOn(judged, outcomes, false);
  const acting = new Map(current.map((one) => [one.name, one]));
  const steps = wave.filter(({ resource }) => acting.has(resource));
  const { done, result } = await take(steps, { ...first, pass: whole }, acting);
  for (const { name, live, parts } of current) {
    const own = done.filter(({ resource }) => resource === name);
    if (own.length > 0) parts.announcer.done(live.current(), own);
  }
  if (result.kind === "interrupted" || first.context.signal.aborted) throw new LeadershipLostError();
  await through(current, outcomes, async (one) => {
    if (result.kind === "failed" && result.step.resource === one.name) return tellFailed(one, result);
    one.memory.held = undefined;
    return undefined;
  });
  letGoOn(judged, outcomes, true);
}

/**
 * Who has more to do is looked at again at once; or, where nothing could be done, when what is out of service may be
 * back.
 */
function letGoOn(all: readonly Seen[], outcomes: Outcomes, isActed: boolean): void {
  for (const { name } of all)
    if (!outcomes.has(name))
      outcomes.set(name, isActed ? { kind: "again", afterMs: 1 } : { kind: "settled", pollMs: AWAY_POLL_MS });
}

/** What of a resource's next steps may be done now. */
async function dueSteps(seen: Seen): Promise<{ readonly steps: readonly Step[] } | { readonly outcome: PartOutcome }> {
  const { memory, live, parts, wave, pass } = seen;
  const now = parts.clock.now();
  const { held } = memory;
  if (held !== undefined && held.untilMs > now && held.asked === askedOf(live.current()))
    return { outcome: { kind: "again", afterMs: held.untilMs - now } };
  const { now: due, later, undone } = memory.patience.judge(wave.kind === "steps" ? wave.steps : [], now);
  if (undone !== undefined) {
    const failure = await whyUndone(undone, pass);
    memory.undone = { step: undone, failure };
    memory.patience.allowOneMore(undone);
    hold(seen, DEFAULT_VISIT_TIMES.stalledPollMs);
    await amend(seen, (report) => stepUndone(report, undone, failure));
    const note = `${describe(undone.change)}: ${failure.said}`;
    parts.announcer.warning(live.current(), "StepUndone", "Apply", note, undone.host);
    throw new StepUndoneError(undone, failure);
  }
  return due.length > 0
    ? { steps: due }
    : { outcome: { kind: "again", afterMs: later.length === 0 ? 1 : SETTLING_MS } };
}

/** Takes steps of several resources of a stack, each host under its lock. */
async function take(
  steps: readonly Step[],
  { context, parts, world, pass }: Visit & { readonly pass: Pass },
  acting: ReadonlyMap<string, Acting>,
): Promise<{ readonly result: WaveResult; readonly done: readonly Step[] }> {
  const done: Step[] = [];
  const result = await takeWave(steps, {
    shellFor: (host) => whileLeading(pass.shellFor(host), context),
    materialFor: pass.materialFor,
    record: async (change: ControllerChange, resource) => {
      context.assertMayAct();
      await recordChange(change, resource, acting.get(resource)?.pass ?? pass, world);
    },
    owner: world.owner,
    onEvent: (event) => {
      if (event.kind !== "step-done") return;
      done.push(event.step);
      acting.get(event.step.resource)?.memory.patience.noteDone(event.step, parts.clock.now());
      parts.metrics.applied(event.step.change.kind);
    },
    signal: context.signal,
    now: world.now,
  });
  return { result, done };
}

async function tellFailed(seen: Seen, { step, failure }: Extract<WaveResult, { kind: "failed" }>): Promise<never> {
  const { memory, live, parts } = seen;
  memory.failure = { step, failure };
  hold(
    seen,
    pauseAfter(memory.failures + 1, { ...DEFAULT_BACKOFF, jitter: 0 }, () => 0),
  );
  await amend(seen, (report) => stepFailed(report, step, failure));
  const note = `${describe(step.change)}: ${failure.said.trim().slice(-500)}`;
  parts.announcer.warning(live.current(), "StepFailed", "Apply", note, failure.host ?? step.host);
  throw new StepFailedError(step, failure);
}

function hold({ memory, live, parts }: Visit, milliseconds: number): void {
  memory.held = { untilMs: parts.clock.now() + milliseconds, asked: askedOf(live.current()) };
}

/** What a person can have meant by touching a resource: try again. */
function askedOf({ metadata: { generation, annotations } }: StoredResource): string {
  return JSON.stringify([generation, annotations]);
}

async function amend(
  { kind, name, live, parts, pass }: Seen,
  change: (report: ResourceStatus) => ResourceStatus,
): Promise<void> {
  const report = pass.statuses.get(name);
  if (report === undefined) return;
  await live.writeStatus(storedStatus(kind, change(report), live.current().status, parts.clock.now()));
}

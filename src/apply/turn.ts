import { jointWave } from "../plan/joint-wave.ts";
import type { Plan, Sign, Step } from "../plan/plan.ts";
import { nextWave } from "../plan/wave.ts";
import { waitingFor, whenAgain } from "./ending.ts";
import type { Ending, Next, Waiting } from "./ending.ts";
import type { ApplyEvent } from "./events.ts";
import type { Hands } from "./hands.ts";
import { UNDONE_REST_MS } from "./patience.ts";
import type { Manner, Patience } from "./patience.ts";
import { watchForSigns } from "./pause.ts";
import { takeWave } from "./take-wave.ts";
import { waitWords, whyUndone } from "./undone.ts";

/** Who is held by findings of its own, and has patience of its own. */
export interface Party {
  readonly plan: Plan;
  readonly patience: Patience;
  /**
   * What a person has asked for by now: something else is tried at once, whatever failed before. Left out, it stays the
   * same.
   */
  readonly asked?: string;
  /** Until when an earlier process of this one meant to wait, if it said. */
  readonly waitsUntil?: string | undefined;
  /** It is looked at, and nothing of it is touched. */
  readonly handsOff?: boolean;
}

/** What one look for all of them told. */
export interface Sight<P> extends Pick<Hands, "shellFor" | "materialFor"> {
  readonly parties: readonly P[];
  /**
   * All plans there are: what is out of service counts, whoever would bring it back, and whether that one may act or
   * not.
   */
  readonly plans: readonly Plan[];
}

type Each<P, Left> = (parties: readonly P[], stage: (party: P) => Promise<Left | undefined>) => Promise<readonly P[]>;

/** What whoever takes turns brings along. `Left` is what becomes of a party that leaves a turn before its end. */
export interface Ends<P extends Party, Left = unknown> extends Omit<Hands, "shellFor" | "materialFor"> {
  readonly look: (before: Ending | undefined) => Promise<Sight<P>>;
  /** Tells what is seen, and records what has to be known before anything is done because of it. */
  readonly tell: (party: P, next: Next) => Promise<Left | undefined>;
  /**
   * Takes several through one stage, side by side, and returns those that go on: for whom it resolved to undefined.
   * Left out, the first of them that fails ends the turn.
   */
  readonly each?: Each<P, Left>;
  /** Rejects where the plan was made from what is not asked for any more. */
  readonly demandCurrent?: (party: P) => Promise<void>;
  /** Told which of its steps were done, whatever became of the others. */
  readonly did?: (party: P, steps: readonly Step[]) => void;
  /** Somebody who left wants to be looked at sooner than signs could be watched for. */
  readonly isHurried?: () => boolean;
}

/**
 * One turn: looks, plans, tells, and takes one wave of what all parties may take together. What follows is the next
 * turn's matter, which begins from what is there. Resolves to what came of it for each party that did not leave.
 */
export async function turn<P extends Party, Left>(
  ends: Ends<P, Left>,
  before?: Ending,
): Promise<ReadonlyMap<P, Ending>> {
  const sight = await ends.look(before);
  const judged = new Map(
    await Promise.all(sight.parties.map(async (party) => [party, await judge(party, sight, ends.now())] as const)),
  );
  const nextOf = (party: P): Next => judged.get(party) ?? { kind: "blocked", plan: party.plan };
  const { each = sideBySide } = ends;
  const told = await each(sight.parties, async (party) => ends.tell(party, nextOf(party)));
  if (ends.signal.aborted) return new Map(told.map((party) => [party, { kind: "interrupted" }]));

  const due = new Map<P, readonly Step[]>();
  const endings = new Map<P, Ending>();
  for (const party of told) {
    const next = nextOf(party);
    if (next.kind === "steps") due.set(party, next.steps);
    else endings.set(party, next);
  }
  for (const [party, ending] of await takeJointly(due, sight, ends)) endings.set(party, ending);
  await watch(endings, sight, ends);
  return endings;
}

/** What comes next for a party. Where somebody is in the way, it was asked who. */
async function judge(party: Party, sight: Sight<unknown>, nowMs: number): Promise<Next> {
  const { plan, patience, asked = "" } = party;
  const wave = nextWave(plan);
  if (party.handsOff === true) return wave.kind === "done" ? wave : { kind: "blocked", plan };
  const timed = patience.timesOf(wave.kind === "wait" ? wave.waits : [], nowMs, party.waitsUntil);
  patience.keepTimes(timed);
  switch (wave.kind) {
    case "done":
      patience.forget();
      return wave;
    case "blocked":
      return { kind: "blocked", plan };
    case "wait": {
      const waiting = waitingFor(timed, nowMs);
      if (waiting.overdue !== undefined) waiting.overdue.said ??= await waitWords(waiting.overdue.wait, sight);
      return waiting;
    }
    case "steps": {
      const untilMs = patience.restsUntil(nowMs, asked);
      if (untilMs !== undefined) return { kind: "rest", untilMs };
      const { due, undone } = patience.judge(wave.steps, nowMs);
      if (undone === undefined) return due.length === 0 ? { kind: "settling" } : { kind: "steps", steps: due };
      const failure = await whyUndone(undone, sight);
      patience.rest({ kind: "undone", step: undone, failure }, nowMs + UNDONE_REST_MS, asked);
      return { kind: "undone", step: undone, failure };
    }
  }
}

/** Takes one wave of what is due, of those whose plan still is what is asked for. */
async function takeJointly<P extends Party, Left>(
  due: ReadonlyMap<P, readonly Step[]>,
  { plans, shellFor, materialFor }: Sight<P>,
  ends: Ends<P, Left>,
): Promise<readonly (readonly [P, Ending])[]> {
  const { stage, steps: wave } = jointWave([...due.values()], plans);
  const partyOf = new Map([...due].flatMap(([party, steps]) => steps.map(({ id }) => [id, party] as const)));
  const called = new Set(wave.map(({ id }) => partyOf.get(id)));
  const { each = sideBySide, owner, signal, now, record } = ends;
  const acting = new Set(
    await each(
      [...due.keys()].filter((party) => called.has(party)),
      async (party) => {
        await ends.demandCurrent?.(party);
        return undefined;
      },
    ),
  );
  const staying = [...due.keys()].filter((party) => acting.has(party) || !called.has(party));
  const steps = wave.filter(({ id }) => acting.has(partyOf.get(id) as P));
  if (steps.length === 0) return staying.map((party) => [party, { kind: "crowded" }]);

  const done: Step[] = [];
  ends.onEvent({ kind: "wave-started", stage, steps });
  const onEvent = (event: ApplyEvent): void => {
    if (event.kind === "step-done") {
      done.push(event.step);
      partyOf.get(event.step.id)?.patience.noteDone(event.step, now());
    }
    ends.onEvent(event);
  };
  const result = await takeWave(steps, { shellFor, materialFor, owner, signal, now, record, onEvent });
  const failed = result.kind === "failed" ? partyOf.get(result.step.id) : undefined;
  for (const party of acting) {
    ends.did?.(
      party,
      done.filter(({ id }) => partyOf.get(id) === party),
    );
    if (result.kind !== "interrupted" && party !== failed) party.patience.endRest();
  }
  return staying.map((party) => [
    party,
    result.kind === "interrupted" || (result.kind === "failed" && party === failed)
      ? result
      : { kind: "taken", stage, steps },
  ]);
}

async function sideBySide<P, Left>(
  parties: readonly P[],
  stage: (party: P) => Promise<Left | undefined>,
): Promise<readonly P[]> {
  const left = await Promise.all(parties.map(stage));
  return parties.filter((_, index) => left[index] === undefined);
}

/** Watches for signs of what is waited for while the wait is young, and nobody wants to be looked at sooner. */
async function watch<P extends Party, Left>(
  endings: Map<P, Ending>,
  { shellFor }: Sight<P>,
  { now, signal, isHurried = () => false }: Ends<P, Left>,
): Promise<void> {
  const watchable = new Map<P, Waiting>();
  for (const [party, ending] of endings)
    if (ending.kind === "wait" && isWorthWatching(ending, party.patience.manner, now())) watchable.set(party, ending);
  const others = [...endings].filter(([party]) => !watchable.has(party));
  const isSoon = ([{ patience }, ending]: readonly [P, Ending]): boolean => {
    const when = whenAgain(ending, patience.manner, now());
    return when.kind === "again" && when.afterMs <= patience.manner.youngMs;
  };
  if (watchable.size === 0 || isHurried() || others.some(isSoon)) return;
  await watchForSigns([...watchable.values()].flatMap(signsOf), shellFor, signal);
  for (const [party, ending] of watchable) endings.set(party, { ...ending, isWatched: true });
}

function isWorthWatching(waiting: Waiting, { youngForMs }: Manner, nowMs: number): boolean {
  const { overdue, timed } = waiting;
  return overdue === undefined && nowMs - (timed[0]?.sinceMs ?? 0) <= youngForMs && signsOf(waiting).length > 0;
}

/** Of the first alone: the others come after it. */
function signsOf({ timed: [first] }: Waiting): readonly Sign[] {
  return first?.wait.signs ?? [];
}

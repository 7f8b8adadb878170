import { PghaError } from "../errors.ts";
import type { Backoff, Random } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { messageOf } from "./log.ts";
import type { Log, LogFields } from "./log.ts";
import type { ControllerMetrics, RuntimeMetrics } from "./metrics.ts";
import type { ReconcileContext } from "./reconcile-context.ts";
import { DEFAULT_VISIT_TIMES, nextVisit } from "./requeue.ts";
import type { NextVisit, ReconcileOutcome, ReconcileResult, VisitTimes } from "./requeue.ts";
import { createWorkQueue } from "./work-queue.ts";
import type { WorkQueue } from "./work-queue.ts";

/** Works on the keys of one kind of resource while this process leads. */
export interface Controller {
  readonly name: string;
  /** Wants the resource looked at now. Outside a term nothing happens: a term begins with everything there is. */
  wake(key: string): void;
  /** Works until the context's signal aborts and the work in hand is done. Never rejects. */
  runTerm(context: ReconcileContext): Promise<void>;
}

export interface ControllerOptions {
  /** Label of the metrics, such as the kind in lower case. */
  readonly name: string;
  /** Brings one resource closer to what is wanted. Never runs twice at once for one key. */
  reconcile(key: string, context: ReconcileContext): Promise<ReconcileResult>;
  /** Everything there is at this moment. */
  keys(): Iterable<string>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** How many keys are worked on at once. Default 4. */
  readonly concurrency?: number;
  /** Resolves when there is room for one more to begin. Default: at once. */
  readonly room?: () => Promise<void>;
  readonly times?: Partial<VisitTimes>;
  readonly backoff?: Backoff;
  readonly random?: Random;
  /** Whether `reconcile` itself told of an error that it threw; no line is written of it again. */
  readonly isTold?: (error: unknown) => boolean;
}

export function createController(options: ControllerOptions): Controller {
  const { name, clock, log, concurrency = 4, random = Math.random, isTold = () => false, room = atOnce } = options;
  const times = { ...DEFAULT_VISIT_TIMES, ...options.times };
  const metrics = options.metrics.controller(name, concurrency);
  const observer = options.metrics.queue(name, () => queue?.inspect() ?? { depth: 0, delayed: 0, inHandMs: [] });
  let queue: WorkQueue | undefined;

  const work = async (mine: WorkQueue, key: string, context: ReconcileContext): Promise<void> => {
    const started = clock.monotonic();
    metrics.started();
    const outcome = await attempt(() => {
      context.assertMayAct();
      return options.reconcile(key, context);
    });
    const next = nextVisit(outcome, times, random);
    const pauseMs = schedule(mine, key, next);
    mine.done(key);
    tell(metrics, outcome, (clock.monotonic() - started) / 1000);
    for (const { error, about } of failuresOf(outcome))
      if (!isTold(error)) logFailure(log, { controller: name, key, ...about, pauseMs: Math.round(pauseMs) }, error);
  };

  const worker = async (mine: WorkQueue, context: ReconcileContext): Promise<void> => {
    for (let key = await mine.next(); key !== undefined; key = await mine.next()) {
      await room();
      await work(mine, key, context);
    }
  };

  return {
    name,
    wake: (key) => queue?.add(key),
    async runTerm(context) {
      const mine = createWorkQueue({
        clock,
        random,
        observer,
        ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
      });
      const shutDown = (): void => void mine.shutDown();
      context.signal.addEventListener("abort", shutDown, { once: true });
      if (context.signal.aborted) shutDown();
      queue = mine;
      for (const key of options.keys()) mine.add(key);
      await Promise.all(Array.from({ length: concurrency }, () => worker(mine, context)));
      context.signal.removeEventListener("abort", shutDown);
      queue = undefined;
    },
  };
}

function atOnce(): Promise<void> {
  return Promise.resolve();
}

async function attempt(reconcile: () => Promise<ReconcileResult>): Promise<ReconcileOutcome> {
  try {
    return await reconcile();
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** Returns the pause before the next visit, in milliseconds. */
function schedule(queue: WorkQueue, key: string, next: NextVisit): number {
  switch (next.kind) {
    case "backoff":
      return queue.addRateLimited(key);
    case "after":
      queue.forget(key);
      queue.addAfter(key, next.milliseconds);
      return next.milliseconds;
    case "never":
      queue.forget(key);
      return Infinity;
  }
}

/** Of several parts the worst counts: one visit is one reconciliation. */
function tell(metrics: ControllerMetrics, outcome: ReconcileOutcome, seconds: number): void {
  const errors = failuresOf(outcome).map(({ error }) => error);
  const failed = errors.filter((error) => !isSoon(error));
  if (failed.length > 0) return metrics.finished("error", seconds, failed.every(isTerminal));
  if (errors.length > 0) return metrics.finished("requeue", seconds);
  const kinds = outcome.kind === "several" ? outcome.parts.map((part) => part.outcome.kind) : [outcome.kind];
  return metrics.finished(kinds.includes("again") ? "requeue_after" : "success", seconds);
}

/** What failed, with what lines about it say. */
function failuresOf(outcome: ReconcileOutcome): readonly { readonly error: unknown; readonly about: LogFields }[] {
  const parts = outcome.kind === "several" ? outcome.parts : [{ outcome, fields: {} }];
  return parts.flatMap(({ outcome: own, fields: about }) =>
    own.kind === "failed" ? [{ error: own.error, about }] : [],
  );
}

function isTerminal(error: unknown): boolean {
  return error instanceof PghaError && error.retry === "never";
}

function logFailure(log: Log, about: LogFields, error: unknown): void {
  const fields = { ...about, reason: reasonOf(error) };
  if (isSoon(error)) return log.info("reconcile again soon", { ...fields, error: messageOf(error) });
  if (error instanceof PghaError) return log.warn("reconcile failed", { ...fields, error: error.message });
  log.error("reconcile failed unexpectedly", {
    ...fields,
    error: error instanceof Error ? error.stack : String(error),
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof PghaError) return error.reason;
  return error instanceof Error ? error.name : typeof error;
}

function isSoon(error: unknown): boolean {
  return error instanceof PghaError && error.retry === "soon";
}

import type { ApplyEvent } from "../../apply/events.ts";
import type { Change } from "../../changes/table.ts";
import type { Stage } from "../../plan/plan.ts";

/** Where the time of an apply went. Every millisecond from start to end is in exactly one of the spans. */
export class Timings {
  readonly #startMs: number;
  #lastMs: number;
  /** What goes on since #lastMs. */
  #now: Span = "looking";
  readonly #spans = new Map<Span, number>();
  readonly #steps = new Map<Stage, Map<string | undefined, Map<Change["kind"], StepTime>>>();
  #looks = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#lastMs = startMs;
  }

  add(event: ApplyEvent, nowMs: number): void {
    switch (event.kind) {
      case "looked": {
        // After records were written pgha plans again from the same look.
        const isNew = this.#now !== "record";
        this.#looks += isNew ? 1 : 0;
        const lookMs = isNew ? Math.min(event.tookMs, nowMs - this.#lastMs) : 0;
        this.#close(nowMs - lookMs);
        this.#now = "looking";
        this.#close(nowMs);
        // The first plan is shown and approved before anything else happens.
        this.#now = event.round === 1 ? "approval" : "planning";
        return;
      }
      case "wave-started":
        this.#close(nowMs);
        this.#now = event.stage;
        return;
      case "waiting":
        this.#close(nowMs);
        this.#now = "waiting";
        return;
      case "step-done":
        this.#addStep(event.step.stage, event.step.host, event.step.change.kind, event.tookMs);
        return;
      case "step-started":
      case "step-progress":
      case "step-failed":
        return;
    }
  }

  end(nowMs: number): void {
    this.#close(nowMs);
  }

  get totalMs(): number {
    return this.#lastMs - this.#startMs;
  }

  get looks(): number {
    return this.#looks;
  }

  /** Wall clock time by what went on, in the order in which each first happened. */
  get spans(): ReadonlyMap<Span, number> {
    return this.#spans;
  }

  /**
   * Time of the steps of a stage, by host and kind of change. Hosts work side by side, so it adds up to more than the
   * wall clock.
   */
  stepsOf(stage: Stage): ReadonlyMap<string | undefined, ReadonlyMap<Change["kind"], StepTime>> {
    return this.#steps.get(stage) ?? new Map();
  }

  #close(nowMs: number): void {
    this.#spans.set(this.#now, (this.#spans.get(this.#now) ?? 0) + Math.max(0, nowMs - this.#lastMs));
    this.#lastMs = Math.max(this.#lastMs, nowMs);
  }

  #addStep(stage: Stage, host: string | undefined, kind: Change["kind"], tookMs: number): void {
    const hosts = this.#steps.get(stage) ?? new Map<string | undefined, Map<Change["kind"], StepTime>>();
    const kinds = hosts.get(host) ?? new Map<Change["kind"], StepTime>();
    const before = kinds.get(kind) ?? { count: 0, tookMs: 0 };
    kinds.set(kind, { count: before.count + 1, tookMs: before.tookMs + tookMs });
    this.#steps.set(stage, hosts.set(host, kinds));
  }
}

export type Span = "looking" | "approval" | "planning" | "waiting" | Stage;

export interface StepTime {
  readonly count: number;
  readonly tookMs: number;
}

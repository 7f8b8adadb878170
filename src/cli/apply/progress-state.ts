import type { ApplyEvent } from "../../apply/events.ts";
import type { Stage, Step, Wait } from "../../plan/plan.ts";

/** What an apply is doing, as far as a person wants to see it. Advanced by events, drawn by progress-lines.ts. */
export type ProgressState =
  | { readonly kind: "looking"; readonly note: string; readonly sinceMs: number }
  | { readonly kind: "wave"; readonly stage: Stage; readonly sinceMs: number; readonly hosts: readonly HostProgress[] }
  | { readonly kind: "waiting"; readonly waits: readonly Wait[]; readonly sinceMs: number };

export interface HostProgress {
  /** undefined: the controlling side. */
  readonly host: string | undefined;
  readonly total: number;
  readonly done: number;
  readonly current: { readonly step: Step; readonly sinceMs: number; readonly far?: string } | undefined;
  readonly failed: boolean;
  /** When its last step was over. */
  readonly endMs: number | undefined;
}

export function advance(state: ProgressState, event: ApplyEvent, nowMs: number): ProgressState {
  switch (event.kind) {
    case "looked":
      // What is waited for is still waited for until something else is seen to happen.
      return state.kind === "waiting" ? state : { kind: "looking", note: "planning", sinceMs: nowMs };
    case "wave-started":
      return { kind: "wave", stage: event.stage, sinceMs: nowMs, hosts: hostsOf(event.steps) };
    case "waiting":
      return { kind: "waiting", waits: event.waits, sinceMs: state.kind === "waiting" ? state.sinceMs : nowMs };
    case "step-started":
      return onHost(state, event.step, (host) => ({ ...host, current: { step: event.step, sinceMs: nowMs } }));
    case "step-progress":
      return onHost(state, event.step, (host) =>
        host.current === undefined ? host : { ...host, current: { ...host.current, far: event.far } },
      );
    case "step-done":
      return onHost(state, event.step, (host) => ({
        ...host,
        current: undefined,
        done: host.done + 1,
        endMs: host.done + 1 === host.total ? nowMs : undefined,
      }));
    case "step-failed":
      return onHost(state, event.step, (host) => ({ ...host, failed: true, endMs: nowMs }));
  }
}

export function isOver(host: HostProgress): boolean {
  return host.endMs !== undefined;
}

function hostsOf(steps: readonly Step[]): readonly HostProgress[] {
  return [...Map.groupBy(steps, (step) => step.host)].map(([host, own]) => ({
    host,
    total: own.length,
    done: 0,
    current: undefined,
    failed: false,
    endMs: undefined,
  }));
}

function onHost(state: ProgressState, step: Step, change: (host: HostProgress) => HostProgress): ProgressState {
  return state.kind === "wave"
    ? { ...state, hosts: state.hosts.map((host) => (host.host === step.host ? change(host) : host)) }
    : state;
}

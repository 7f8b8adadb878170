import type { Reason } from "../../reasons.ts";
import type { StepFailure } from "../../apply/events.ts";
import type { Problem } from "../../errors.ts";
import { keepLast } from "../../keep-last.ts";
import type { KeepLast } from "../../keep-last.ts";
import type { Step } from "../../plan/plan.ts";
import type { Built } from "../../reconcilers/reconciler.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { Patience } from "./patience.ts";

/** What keeps a resource from being as wanted, or may do so later. */
export interface Hindrance {
  readonly reason: Reason;
  readonly action: "Refuse" | "Warn";
  readonly note: string;
  readonly host?: string | undefined;
}

/**
 * What is remembered of a resource from visit to visit. Only patience, and work that need not be done twice: when it is
 * lost with the process, something is tried once more or waited for a little longer.
 */
export interface VisitMemory {
  failure: { readonly step: Step; readonly failure: StepFailure } | undefined;
  wait: TimedWait | undefined;
  patience: Patience;
  /** A step that somebody undoes each time. */
  undone: { readonly step: Step; readonly failure: StepFailure } | undefined;
  /** When its hosts were last looked at, or, before that, when it was first visited. */
  lookedAtMs: number | undefined;
  readonly bornMs: number;
  /** Hosts that the last look did not see. */
  unseen: ReadonlySet<string>;
  /** Blockers and warnings that were told already, by what makes them the same from look to look. */
  told: ReadonlyMap<string, Hindrance>;
  /** The same of annotations that nothing comes of. */
  readonly ignored: { told: ReadonlyMap<string, Hindrance> };
  /** Who led at the last look; undefined before the first. */
  leader: { readonly name: string | undefined } | undefined;
  /** The resource as this process last wrote it. */
  written: StoredResource | undefined;
  /** What failed, or is undone by somebody, is not tried again before this, unless a person touches the resource. */
  held: Hold | undefined;
  /** Errors one after the other, the last of them unexpected or none of ours. */
  failures: number;
  /** The refusal that was last thrown as an error. */
  thrown: string | undefined;
}

export interface Hold {
  readonly untilMs: number;
  /** What the person had asked for when it began. */
  readonly asked: string;
}

/** The same of a stack. */
export interface StackMemory {
  /** `Kind/namespace/name` of the resources that were visited: whatever is kept of them goes when they do. */
  readonly residents: Set<string>;
  /** What follows from the specs, the Secrets and the records alone: most visits find them unchanged. */
  readonly verdict: KeepLast<readonly Problem[]>;
  readonly built: KeepLast<Built>;
}

interface TimedWait {
  readonly key: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Once it is overdue: what the service said there. Asked once. */
  readonly said?: readonly string[];
}

export interface VisitMemories {
  of(identity: string): VisitMemory;
  forget(identity: string): void;
  ofStack(key: string): StackMemory;
  forgetStack(key: string): void;
}

export function visitMemories(nowMs: () => number): VisitMemories {
  const memories = new Map<string, VisitMemory>();
  const stacks = new Map<string, StackMemory>();
  return {
    of(identity) {
      const memory = memories.get(identity) ?? {
        failure: undefined,
        wait: undefined,
        patience: new Patience(),
        undone: undefined,
        lookedAtMs: undefined,
        bornMs: nowMs(),
        unseen: new Set(),
        told: new Map(),
        ignored: { told: new Map() },
        leader: undefined,
        written: undefined,
        held: undefined,
        failures: 0,
        thrown: undefined,
      };
      memories.set(identity, memory);
      return memory;
    },
    forget: (identity) => void memories.delete(identity),
    ofStack(key) {
      const memory = stacks.get(key) ?? { residents: new Set(), verdict: keepLast(), built: keepLast() };
      stacks.set(key, memory);
      return memory;
    },
    forgetStack: (key) => void stacks.delete(key),
  };
}

/**
 * Since when and until when something is waited for. `until` of an earlier process, if it was stored, goes on: waiting
 * does not begin anew because the operator did.
 */
export function waitTimes(
  memory: VisitMemory,
  wait: { readonly reason: string; readonly host?: string; readonly deadlineSeconds: number },
  stored: string | undefined,
  nowMs: number,
): TimedWait {
  const key = JSON.stringify([wait.reason, wait.host]);
  if (memory.wait?.key !== key) {
    const earlier = memory.wait === undefined && stored !== undefined ? Date.parse(stored) : Number.NaN;
    memory.wait = {
      key,
      sinceMs: nowMs,
      untilMs: Number.isNaN(earlier) ? nowMs + wait.deadlineSeconds * 1000 : earlier,
    };
  }
  return memory.wait;
}

/**
 * The newer of what a watch told and what was written here, since the watch hears of it a moment later. Versions of one
 * resource can be compared as numbers (https://github.com/kubernetes/enhancements/issues/5504); on an API server where
 * they can't, the watch is believed, and a write made from old news is refused as a conflict.
 */
export function newest(watched: StoredResource, { written }: VisitMemory): StoredResource {
  if (written === undefined || written.metadata.uid !== watched.metadata.uid) return watched;
  return versionOf(written) > versionOf(watched) ? written : watched;
}

function versionOf({ metadata }: StoredResource): number {
  const version = Number(metadata.resourceVersion);
  return Number.isNaN(version) ? 0 : version;
}

import type { Reason } from "../../reasons.ts";
import { Patience, STEADY } from "../../apply/patience.ts";
import type { Problem } from "../../errors.ts";
import { keepLast } from "../../keep-last.ts";
import type { KeepLast } from "../../keep-last.ts";
import type { Built, Findings } from "../../reconcilers/reconciler.ts";
import type { StoredResource } from "../../state/live-resource.ts";

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
  readonly patience: Patience;
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
  /** Errors one after the other, the last of them unexpected or none of ours. */
  failures: number;
  /** The refusal that was last thrown as an error. */
  thrown: string | undefined;
}

/** The same of a stack. */
export interface StackMemory {
  /** `Kind/namespace/name` of the resources that were visited: whatever is kept of them goes when they do. */
  readonly residents: Set<string>;
  /** What follows from the specs, the Secrets and the records alone: most visits find them unchanged. */
  readonly verdict: KeepLast<readonly Problem[]>;
  readonly built: KeepLast<Built>;
  /** What looks mean: most hosts say what they said. */
  readonly findings: KeepLast<Findings>;
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
        patience: new Patience(STEADY),
        lookedAtMs: undefined,
        bornMs: nowMs(),
        unseen: new Set(),
        told: new Map(),
        ignored: { told: new Map() },
        leader: undefined,
        written: undefined,
        failures: 0,
        thrown: undefined,
      };
      memories.set(identity, memory);
      return memory;
    },
    forget: (identity) => void memories.delete(identity),
    ofStack(key) {
      const memory = stacks.get(key) ?? {
        residents: new Set(),
        verdict: keepLast(),
        built: keepLast(),
        findings: keepLast(),
      };
      stacks.set(key, memory);
      return memory;
    },
    forgetStack: (key) => void stacks.delete(key),
  };
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

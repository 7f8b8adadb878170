import type { Reason } from "../reasons.ts";
import type { Change } from "../changes/table.ts";

/**
 * What would be done, and what stands in the way, as readonly data: printable, comparable, testable.
 * Nothing to do means no steps, no waits and no blockers; only then is a resource Ready.
 */
export interface Plan {
  readonly steps: readonly Step[];
  readonly waits: readonly Wait[];
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly Warning[];
}

/**
 * In which order things happen. A wave is all steps of the lowest stage that is not held; after each wave pgha looks
 * again.
 *
 * record: secrets and intents, written before anything is touched. prepare: packages, files, units enabled; no running
 * service notices. services: start, reload, restart. data: through the leader, roles, databases, extensions.
 * settle: once all members stream, what was made faster for the first bootstrap goes back to what was asked.
 */
export type Stage = "record" | "prepare" | "services" | "data" | "settle";

export const STAGES: readonly Stage[] = ["record", "prepare", "services", "data", "settle"];

export interface Step {
  /** Stable from pass to pass: `<host>/<Kind/name>/<what>`, or `controller/<Kind/name>/<what>`. */
  readonly id: string;
  /** `Kind/name` of the resource that asks for it. */
  readonly resource: string;
  /** Host it acts on; undefined for the controlling side. */
  readonly host: string | undefined;
  readonly stage: Stage;
  readonly change: Change;
  readonly because: string;
  readonly impact: Impact;
  /**
   * True of what may put right what everything else waits for. Held by no wait, no earlier stage, and no blocker but
   * those of its own resource that are about its own host or about none.
   */
  readonly mends?: true;
  /** Who notices what, in words: "all its pooled clients are disconnected". Left out where nobody does. */
  readonly noticed?: string;
  /** Left out where any number of such steps may be taken at once. */
  readonly budget?: Budget;
  /** Ids of steps that must be done, and looked at, before this one: while the plan has one of them, this one waits. */
  readonly after?: readonly string[];
}

/** How many hosts of a group may be out of service at a time. */
export interface Budget {
  /** Steps with the same group share it: the resource, or `PostgresHACluster/name` for the ways that lead to it. */
  readonly group: string;
  readonly atMost: number;
  /** Hosts of the group that are out of service as it is. A step on one of them takes nothing more away. */
  readonly away: readonly string[];
}

/**
 * What clients notice. none, reload: nothing. noticed: some are refused, wait or get something else from then on.
 * restart: the sessions of one process end. disruptive: writes stop, for a moment or for good. Only the last two are
 * held by blockers.
 */
export type Impact = "none" | "reload" | "noticed" | "restart" | "disruptive";

/** Something under way that pgha did not get to see finished. Holds all steps of `holds` and later stages. */
export interface Wait {
  readonly resource: string;
  readonly host?: string;
  /** Condition reason, CamelCase. */
  readonly reason: Reason;
  /**
   * Waits of a resource that have the same are for one thing, whatever is the reason at the moment why it is not there:
   * it must come within this time, though the reasons take turns.
   */
  readonly clock?: { readonly of: string; readonly deadlineSeconds: number };
  /** What is waited for, as a noun phrase: "a leader", "db-slave-01 to stream". */
  readonly for: string;
  readonly holds: Stage;
  /** How long it may take from when it is first seen, in seconds, before it is a failure. */
  readonly deadlineSeconds: number;
  /** What to look at when the deadline passes. */
  readonly wayOut: string;
  /** `Kind/name` of the resource it comes through: what is in the way there, on the same host, keeps it from coming. */
  readonly through?: string;
  /** Where it shows first that a look is worth its price: any of these URLs answering 200 to its own host. */
  readonly signs?: readonly Sign[];
}

export interface Sign {
  readonly host: string;
  readonly url: string;
}

/**
 * Why pgha will not act. `everything`: no host of any resource that is applied together is touched. `host`: only steps
 * on that host wait, and what clients would notice of its resource. `disruptive`: nothing but the latter. `nothing`:
 * nothing waits for it; it is only not as it should be.
 */
export interface Blocker {
  readonly resource: string;
  readonly host?: string;
  readonly reason: Reason;
  readonly why: string;
  readonly wayOut: string;
  readonly scope: "everything" | "resource" | "host" | "disruptive" | "nothing";
  /** The group of whose budget (Step.budget) its host is out of service by it. */
  readonly outOf?: string;
  /** It is tried again by itself: what is waited for there may come all the same. */
  readonly mayPass?: true;
}

export interface Warning {
  readonly resource: string;
  readonly host?: string;
  readonly reason: Reason;
  readonly message: string;
}

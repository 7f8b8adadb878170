import type { Command } from "../shell/command.ts";
import type { Material } from "./material.ts";

/** What a change does at a glance: something new, something changed, loaded anew, noticed by clients, or taken away. */
export type Action = "create" | "change" | "reload" | "restart" | "remove";

/** Where to ask who undoes a change: the program that pgha runs there, the package manager, or nobody of ours. */
export type Suspect = "service" | "packages" | "nobody";

/** All that is known of one kind of change; `C` is such a change as data. */
export interface ChangeKind<C extends { readonly kind: string }> {
  readonly kind: C["kind"];
  /** In a few words for people, without its host. Never shows a secret: a change has none to show. */
  readonly describe: (change: C) => string;
  /** What it acts on: a path, unit, package list, role, database or secret. */
  readonly target: (change: C) => string;
  readonly action: Action | ((change: C) => Action);
  /** Reason of the event once it is done, CamelCase. */
  readonly event: string;
  readonly undoneBy: Suspect;
  /** What to look for if it does not hold and no program of ours undoes it; left out: another tool on that host. */
  readonly undoneElsewhere?: string;
}

/** A change that acts on a host. */
export interface HostChangeKind<C extends { readonly kind: string }> extends ChangeKind<C> {
  /** Safe to run twice, and to be killed in the middle. */
  readonly command: (change: C, material: Material) => Command;
  /** How long it may take on the host, in milliseconds; left out, a minute. */
  readonly deadlineMs?: number | ((change: C) => number);
  /**
   * For what may keep pgha out: the host takes it back by itself after a while, unless this is run over a new
   * connection. Fails where it was taken back.
   */
  readonly confirm?: (change: C) => Command;
  /** What it says on standard error while it runs tells a person how far it is. */
  readonly speaks?: true;
  /** Over in milliseconds, so that several go to the host in one exec. */
  readonly quick?: true;
  /** What goes before it on hosts, side by side. */
  readonly before?: (change: C, material: Material) => readonly OnHost[];
  /** What other hosts do meanwhile. */
  readonly meanwhile?: (change: C, material: Material) => readonly Meanwhile[];
}

export interface OnHost {
  readonly host: string;
  readonly command: Command;
}

/**
 * Begun before the change, which waits until it prints a line `ready`; lives on line ends on standard input, and ends
 * by itself when it sees what the change brings about.
 */
export interface Meanwhile extends OnHost {
  /** Ends it at once, should the change not come about. */
  readonly letGo: Command;
  readonly deadlineMs: number;
  /** How long it may take until it is ready; left out, a few seconds. */
  readonly readyMs?: number;
  /** It is told the end of the change by that of its standard input, and is ready before those that are not. */
  readonly endsWithAct?: true;
}

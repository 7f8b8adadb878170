import type { Reason } from "../reasons.ts";
import type { Command } from "../shell/command.ts";

/**
 * One thing pgha asks a host: a command that only looks, and a pure reading of what it printed.
 *
 * The command must never change the host and must come to an end by itself. `parse` throws only when the output
 * makes no sense at all; whatever a host can plausibly say (missing program, service down) is a value.
 */
export interface Fact<T> {
  readonly command: Command;
  readonly parse: (output: FactOutput) => T;
  /** Set where `parse` looks at the clock, too; else it is not told. */
  readonly readsClock?: true;
}

export interface FactOutput {
  /** 124 when the command did not come to an end in the time it had. */
  readonly exitCode: number;
  readonly stdout: string;
  /** The host's clock against ours, as the look itself measured it. Only for facts that say they read it. */
  readonly clock?: ClockReading;
}

export interface ClockReading {
  /** Host clock minus ours, in milliseconds: of all offsets that what was seen allows, the one nearest to zero. */
  readonly offsetMs: number;
}

/** The questions put to one host in one look, by name. */
export type FactSet = Readonly<Record<string, Fact<unknown>>>;

/** The answers to a FactSet, under the same names. */
export type Answers<S extends FactSet> = { readonly [K in keyof S]: S[K] extends Fact<infer T> ? T : never };

/** What a look at one host came back with. Being out of reach is a fact like any other. */
export type Look<F> = SeenHost<F> | UnseenHost;

export interface SeenHost<F> {
  readonly seen: true;
  readonly host: string;
  readonly facts: F;
}

export interface UnseenHost {
  readonly seen: false;
  readonly host: string;
  /** Condition reason, e.g. HostUnreachable, HostKeyChanged, AuthenticationFailed. */
  readonly reason: Reason;
  readonly message: string;
  readonly wayOut?: string;
}

import type { Readable, Writable } from "node:stream";

/** What a command sees of the world around the process. Given to it, so that a test can be that world. */
export interface Environment {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly signals: Signals;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Where SIGINT and its like arrive; `process` in real life. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

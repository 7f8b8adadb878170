import type { Readable, Writable } from "node:stream";

/** A large input, of which only a little is in memory at a time. */
export interface Feed {
  /** How much it is, in bytes. */
  readonly bytes: number;
  readonly open: () => Readable;
}

/** Takes a large output. Opened once the command prints; then either kept or dropped. */
export interface Sink {
  readonly open: () => Promise<Writable>;
  /** The command succeeded. Rejects when what it printed is not what it should be. */
  readonly keep: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

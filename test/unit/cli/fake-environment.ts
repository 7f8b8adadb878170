import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import type { Environment } from "../../../src/cli/environment.ts";
import { run } from "../../../src/cli/run.ts";
import type { Services } from "../../../src/cli/services.ts";

export interface FakeOptions {
  readonly terminal?: boolean;
  /** What a person types. */
  readonly typed?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly services?: Services;
  readonly signals?: EventEmitter;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, against an environment that only remembers what it was told. */
export async function pgha(words: readonly string[], options: FakeOptions = {}): Promise<Ran> {
  const stdout = new Memory(options.terminal === true);
  const stderr = new Memory(options.terminal === true);
  let time = 1_700_000_000_000;
  const environment: Environment = {
    stdin: Object.assign(Readable.from(options.typed === undefined ? [] : [options.typed]), {
      isTTY: options.terminal === true,
    }),
    stdout,
    stderr,
    variables: { TERM: "xterm", ...options.variables },
    workingDirectory: options.workingDirectory ?? process.cwd(),
    signals: options.signals ?? new EventEmitter(),
    // Each look at the clock is half a second later than the one before.
    now: () => (time += 500),
  };
  const code = await run(words, environment, options.services ?? NO_SERVICES);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Memory extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  text = "";

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const refuse = async (): Promise<never> => {
  throw new Error("this test needs no engine");
};
export const NO_SERVICES: Services = {
  openWorld: refuse,
  lookAndPlan: refuse,
  converge: refuse,
  lookForRemoval: refuse,
  remove: refuse,
};

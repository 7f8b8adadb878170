import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { startPsql } from "./start-psql.ts";
import type { Access } from "./clients.ts";

export interface ReadersReport {
  readonly read: number;
  /** What readers were told instead of an answer, each once, with how often. */
  readonly failures: ReadonlyMap<string, number>;
  readonly failed: number;
  /** Answers that came from who leads. */
  readonly fromLeader: number;
  readonly longestMs: number;
}

export interface ReadersOptions extends Access {
  readonly connections: number;
  /** Between two reads of a reader, in milliseconds. */
  readonly pauseMs: number;
}

/** Clients of the read port, psql each, that connect anew for each read, as short jobs and well-kept pools do. */
export class Readers {
  readonly #options: ReadersOptions;
  readonly #failures: string[] = [];
  readonly #running: Promise<unknown>;
  readonly #end = new AbortController();
  readonly #children = new Set<ChildProcess>();
  #read = 0;
  #fromLeader = 0;
  #longestMs = 0;

  private constructor(options: ReadersOptions) {
    this.#options = options;
    this.#running = Promise.all(Array.from({ length: options.connections }, async (_, number) => this.#run(number)));
  }

  static async start(options: ReadersOptions): Promise<Readers> {
    const readers = new Readers(options);
    while (readers.#read < options.connections) await sleep(20);
    return readers;
  }

  get read(): number {
    return this.#read;
  }

  get failed(): number {
    return this.#failures.length;
  }

  /** Ends all of them at once, whatever they have in hand. */
  end(): void {
    this.#end.abort();
    for (const child of this.#children) child.kill();
  }

  async stop(): Promise<ReadersReport> {
    this.#end.abort();
    await this.#running;
    return {
      read: this.#read,
      failures: new Map([...Map.groupBy(this.#failures, (said) => said)].map(([said, own]) => [said, own.length])),
      failed: this.#failures.length,
      fromLeader: this.#fromLeader,
      longestMs: this.#longestMs,
    };
  }

  async #run(number: number): Promise<void> {
    const { places, pauseMs } = this.#options;
    const place = places[number % places.length];
    let psql: AsyncIterator<string> | undefined;
    let tell: (line: string) => void = () => undefined;
    let close: () => void = () => undefined;
    while (!this.#end.signal.aborted) {
      if (psql === undefined) {
        const child = startPsql(this.#options, place, ["-f", "-"]);
        this.#children.add(child);
        child.once("close", () => this.#children.delete(child));
        psql = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
        child.stdin?.on("error", () => undefined);
        tell = (line) => void child.stdin?.write(line);
        close = () => void child.stdin?.end();
        // It connects before it reads what it is told.
        tell("SELECT 'read', pg_is_in_recovery();\n\\echo over\n");
      } else tell("\\c\nSELECT 'read', pg_is_in_recovery();\n\\echo over\n");
      const began = performance.now();
      const failure = await this.#answer(psql);
      if (failure === undefined) {
        this.#read += 1;
        this.#longestMs = Math.max(this.#longestMs, performance.now() - began);
      } else {
        this.#failures.push(failure);
        close();
        psql = undefined;
      }
      await sleep(pauseMs * (0.5 + Math.random()));
    }
    close();
  }

  /** What a reader was told instead of an answer. */
  async #answer(psql: AsyncIterator<string>): Promise<string | undefined> {
    let failure: string | undefined;
    let isRead = false;
    for (;;) {
      const { value: line, done } = (await psql.next()) as { readonly value: string; readonly done: boolean };
      if (done) return failure ?? "the connection was lost";
      if (line === "over") return isRead ? failure : (failure ?? "nothing was read");
      const [, recovery] = /^read\|([tf])$/.exec(line) ?? [];
      isRead ||= recovery !== undefined;
      if (recovery === "f") this.#fromLeader += 1;
      if (/ERROR|FATAL|could not|failed|lost|closed|refused/.test(line)) failure ??= line.replace(/^psql:\S+ /, "");
    }
  }
}

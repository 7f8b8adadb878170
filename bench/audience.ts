import { Clients } from "./clients.ts";
import type { Access, ClientsReport } from "./clients.ts";
import { Readers } from "./readers.ts";
import { spreadText } from "./statistics.ts";

export const AUDIENCE_HEAD =
  "| | transactions | failed | reads | failed | longest stall | wall time | begun again |\n" +
  "| --- | --- | --- | --- | --- | --- | --- | --- |";

/** What does not end well is begun again, as a person would; more often than this it is an error. */
const TRIES = 3;

/** Who writes through the poolers and reads on the read ports of these hosts, and what they notice of each work. */
export class Audience {
  readonly rows: string[] = [];
  readonly #access: Omit<Access, "places">;
  readonly #addresses: readonly string[];
  readonly #connections: number;
  #clients: Clients | undefined;
  #readers: Readers | undefined;

  constructor(access: Omit<Access, "places">, addresses: readonly string[], connections: number) {
    this.#access = access;
    this.#addresses = addresses;
    this.#connections = connections;
  }

  /** They know one port, and renew their connections as pools of applications do. */
  async open(table: string, port: number): Promise<void> {
    this.#clients = await Clients.start({
      ...this.#access,
      places: this.#addresses.map((host) => ({ host, port })),
      table,
      connections: this.#connections,
      pauseMs: 100,
      renewMs: 60_000,
    });
    this.#readers = await Readers.start({
      ...this.#access,
      places: this.#addresses.map((host) => ({ host, port: 5433 })),
      connections: 8,
      pauseMs: 100,
    });
  }

  /**
   * Does one thing after the other, and adds a row; resolves with the longest stall of each, in seconds. Time and stalls
   * are those of all its tries.
   */
  async measure(what: string, work: readonly (() => Promise<unknown>)[]): Promise<readonly number[]> {
    const counts = (): readonly number[] => [
      this.#clients?.acknowledged ?? 0,
      this.#clients?.failed ?? 0,
      this.#readers?.read ?? 0,
      this.#readers?.failed ?? 0,
    ];
    const before = counts();
    const stalls: number[] = [];
    const walls: number[] = [];
    let again = 0;
    for (const act of work) {
      this.#clients?.lap();
      const started = performance.now();
      for (let tries = 1; ; tries += 1) {
        const problem = await act().then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error : new Error("no error", { cause: error })),
        );
        if (problem === undefined) break;
        say(`${what}: try ${tries} ended otherwise: ${problem.message}`);
        if (tries === TRIES) throw problem;
        again += 1;
      }
      walls.push((performance.now() - started) / 1000);
      stalls.push((this.#clients?.lap().longestMs ?? 0) / 1000);
      const failed = (this.#clients?.failed ?? 0) - (before[1] ?? 0);
      say(`${what}: stall ${stalls.at(-1)?.toFixed(2)} s, ${failed} failed, ${walls.at(-1)?.toFixed(1)} s`);
    }
    const [written, failed, read, unread] = counts().map((count, index) => count - (before[index] ?? 0));
    this.rows.push(
      `| ${what} | ${written} | ${failed} | ${read} | ${unread} | ${Math.max(...stalls).toFixed(2)} s | ` +
        `${spreadText(walls, "s")} | ${again} |`,
    );
    return stalls;
  }

  /** Ends it, tells each failure, and compares what was acknowledged with what is there. */
  async close(): Promise<ClientsReport> {
    if (this.#clients === undefined || this.#readers === undefined) throw new Error("nobody is there");
    const read = await this.#readers.stop();
    const report = await this.#clients.stop();
    for (const [said, count] of [...report.failures, ...read.failures]) say(`${count} times: ${said}`);
    return report;
  }
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

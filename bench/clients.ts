import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { startPsql } from "./start-psql.ts";

/** Where to connect, one connection after the other to the next of the places, and as whom; a list is tried in order. */
export interface Access {
  readonly places: readonly { readonly host: string; readonly port: number | string }[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface ClientsOptions extends Access {
  /** It is made anew. */
  readonly table: string;
  readonly connections: number;
  /** Between two transactions of a connection, in milliseconds. */
  readonly pauseMs: number;
  /** How long a client keeps a connection, as pools of applications renew theirs; left out, for ever. */
  readonly renewMs?: number;
}

/**
 * A transaction as its client saw it: when it was sent, and how long until it was acknowledged, in milliseconds. What
 * failed before it counts as waiting for it.
 */
export interface Transaction {
  readonly atMs: number;
  readonly tookMs: number;
}

export interface ClientsReport {
  readonly transactions: readonly Transaction[];
  /** What clients were told instead of an acknowledgement, each once, with how often. */
  readonly failures: ReadonlyMap<string, number>;
  readonly failed: number;
  /** Rows that were acknowledged, and are not there. */
  readonly lost: number;
  readonly twice: number;
  /** Reads right after a commit, on the same connection, that did not see it or came from a replica. */
  readonly stale: number;
  readonly longestMs: number;
}

/**
 * Many clients, psql each, that write and read through poolers: each numbers its rows, and goes on to the next once the
 * one before was acknowledged. So it is known of each row whether it may be missing.
 */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #clients: readonly Client[];
  readonly #running: Promise<unknown>;
  readonly #end = new AbortController();

  private constructor(options: ClientsOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.connections }, (_, number) => new Client(options, number));
    this.#running = Promise.all(this.#clients.map(async (client) => client.run(this.#end.signal)));
  }

  static async start(options: ClientsOptions): Promise<Clients> {
    await query(
      options,
      `DROP TABLE IF EXISTS ${options.table}; CREATE TABLE ${options.table} (client int, n int, PRIMARY KEY (client, n))`,
    );
    const clients = new Clients(options);
    while (!clients.#clients.every(({ transactions }) => transactions.length > 0)) await sleep(20);
    return clients;
  }

  /** Forgets how long what was acknowledged until now took, and nothing else. */
  lap(): { readonly longestMs: number } {
    const longestMs = Math.max(0, ...this.#clients.map((client) => client.takeLongest()));
    return { longestMs };
  }

  get acknowledged(): number {
    return this.#clients.reduce((sum, client) => sum + client.transactions.length, 0);
  }

  get failed(): number {
    return this.#clients.reduce((sum, client) => sum + client.failures.length, 0);
  }

  /** Ends all of them at once, whatever they have in hand, and compares nothing. */
  end(): void {
    this.#end.abort();
    for (const client of this.#clients) client.end();
  }

  /** Lets each finish what it has in hand, and compares what was acknowledged with what is there. */
  async stop(): Promise<ClientsReport> {
    this.#end.abort();
    await this.#running;
    const text = await query(
      this.#options,
      `SELECT client, string_agg(n::text, ' ' ORDER BY n) FROM ${this.#options.table} GROUP BY client`,
    );
    const rows = new Map(
      text.split("\n").map((line) => {
        const [client, numbers = ""] = line.split("|");
        return [Number(client), numbers.split(" ").map(Number)] as const;
      }),
    );
    const transactions = this.#clients.flatMap((client) => client.transactions);
    const failures = this.#clients.flatMap((client) => client.failures);
    const sum = (of: (client: Client) => number): number => this.#clients.reduce((all, client) => all + of(client), 0);
    return {
      transactions: transactions.toSorted((one, other) => one.atMs - other.atMs),
      failures: new Map([...Map.groupBy(failures, (said) => said)].map(([said, own]) => [said, own.length])),
      failed: failures.length,
      lost: sum(({ number, acknowledged }) => {
        const there = new Set(rows.get(number));
        return acknowledged.filter((n) => !there.has(n)).length;
      }),
      twice: sum(({ number }) => {
        const own = rows.get(number) ?? [];
        return own.length - new Set(own).size;
      }),
      stale: sum(({ stale }) => stale),
      // Too many for the arguments of a function.
      longestMs: transactions.reduce((most, { tookMs }) => Math.max(most, tookMs), 0),
    };
  }
}

interface Connection {
  readonly child: ChildProcess;
  readonly said: AsyncIterator<string>;
}

/** One connection, and what it saw. One that is lost is opened again. */
class Client {
  readonly number: number;
  readonly transactions: Transaction[] = [];
  readonly acknowledged: number[] = [];
  readonly failures: string[] = [];
  stale = 0;
  #longestMs = 0;
  readonly #options: ClientsOptions;
  #psql: Connection | undefined;
  #openedMs = 0;

  constructor(options: ClientsOptions, number: number) {
    this.#options = options;
    this.number = number;
  }

  end(): void {
    this.#psql?.child.kill();
  }

  takeLongest(): number {
    const longest = this.#longestMs;
    this.#longestMs = 0;
    return longest;
  }

  async run(signal: AbortSignal): Promise<void> {
    let sinceMs: number | undefined;
    for (let n = 1; !signal.aborted; n += 1) {
      const atMs = (sinceMs ??= performance.now());
      const failure = await this.#take(n);
      if (failure === undefined) {
        const tookMs = performance.now() - atMs;
        this.acknowledged.push(n);
        this.transactions.push({ atMs, tookMs });
        this.#longestMs = Math.max(this.#longestMs, tookMs);
        sinceMs = undefined;
        this.#leaveWhenOld();
      } else this.failures.push(failure);
      await sleep(this.#options.pauseMs * (0.5 + Math.random()));
    }
    this.#psql?.child.stdin?.end();
  }

  #leaveWhenOld(): void {
    const { renewMs = Infinity } = this.#options;
    if (performance.now() - this.#openedMs < renewMs * (0.5 + Math.random() / 2)) return;
    this.#psql?.child.stdin?.end();
    this.#psql = undefined;
  }

  /** Writes a row in a transaction, and reads it back in another; what went wrong, if anything did. */
  async #take(n: number): Promise<string | undefined> {
    const { table } = this.#options;
    this.#psql ??= this.#open();
    const { child, said } = this.#psql;
    child.stdin?.write(
      `BEGIN\\; INSERT INTO ${table} VALUES (${this.number}, ${n})\\; COMMIT;\n\\echo written\n` +
        `SELECT 'read', pg_is_in_recovery(), max(n) FROM ${table} WHERE client = ${this.number};\n\\echo over\n`,
    );
    let failure: string | undefined;
    for (;;) {
      const { value: line, done } = (await said.next()) as { readonly value: string; readonly done: boolean };
      if (done) {
        this.#psql = undefined;
        return failure ?? "the connection was lost";
      }
      if (line === "over") {
        // Its transaction is open still, where the insert failed.
        if (failure !== undefined) child.stdin?.write("ROLLBACK;\n");
        return failure;
      }
      const [, recovery, most] = /^read\|([tf])\|(\d*)$/.exec(line) ?? [];
      if (recovery !== undefined) {
        if (recovery === "t" || Number(most) !== n) this.stale += failure === undefined ? 1 : 0;
      } else if (/ERROR|FATAL|could not|lost|closed|refused/.test(line)) failure ??= line.replace(/^psql:\S+ /, "");
    }
  }

  #open(): Connection {
    const { places } = this.#options;
    const place = places[this.number % places.length];
    const child = startPsql(this.#options, place, ["-f", "-"]);
    this.#openedMs = performance.now();
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    return { child, said: lines[Symbol.asyncIterator]() };
  }
}

async function query(options: ClientsOptions, sql: string): Promise<string> {
  const [place] = options.places;
  const child = startPsql(options, place, ["-v", "ON_ERROR_STOP=1", "-c", sql]);
  let said = "";
  child.stdout?.on("data", (part: Buffer) => void (said += part.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(said);
  return said.trim();
}

import { loginOf, quoted } from "./psql.ts";
import type { Site } from "./site.ts";

export interface WriterReport {
  /** Rows whose insertion was acknowledged: number of the row and when, in seconds since the epoch. */
  readonly acknowledged: readonly { readonly row: number; readonly at: number }[];
  readonly refused: number;
  /** Longest time between two acknowledgements, in seconds. */
  readonly longestGap: number;
}

/** A client on a proxy host that inserts one row after the other through its pooler, in connections of their own. */
export class Writer {
  readonly #site: Site;
  readonly #host: string;
  readonly #running: Promise<string>;

  constructor(site: Site, host: string, running: Promise<string>) {
    this.#site = site;
    this.#host = host;
    this.#running = running;
  }

  /** `table` is made where it is not there yet. `through`: the proxy hosts whose poolers it tries, in that order. */
  static async start(site: Site, host: string, table: string, through: readonly string[] = [host]): Promise<Writer> {
    const addresses = through.map((proxy) => site.lab.host(proxy).address);
    const login = await loginOf(site, "keybuzz", { host: addresses.join(",") });
    const script = `export PGHOST=${login.host} PGPORT=${login.port} PGUSER=${login.user} PGPASSWORD=${quoted(login.password)} PGDATABASE=${login.dbname} PGCONNECT_TIMEOUT=3
rm -f /run/writer.stop
psql -X -q -c 'CREATE TABLE IF NOT EXISTS ${table} (row int PRIMARY KEY)' || exit 1
row=0
while [ ! -e /run/writer.stop ]; do
  row=$((row + 1))
  if timeout 15 psql -X -q -c "INSERT INTO ${table} VALUES ($row)" 2>/dev/null; then echo "$row $EPOCHREALTIME"; else echo refused; fi
  sleep 0.05
done`;
    return new Writer(
      site,
      host,
      site.lab.exec(host, script).then(({ stdout }) => stdout),
    );
  }

  async stop(): Promise<WriterReport> {
    await this.#site.lab.exec(this.#host, "touch /run/writer.stop");
    const lines = (await this.#running).split("\n").filter((line) => line !== "");
    const acknowledged = lines
      .filter((line) => line !== "refused")
      .map((line) => {
        const [row, at] = line.split(" ");
        return { row: Number(row), at: Number(at) };
      });
    const gaps = acknowledged.map(({ at }, index) => at - (acknowledged[index - 1]?.at ?? at));
    return { acknowledged, refused: lines.length - acknowledged.length, longestGap: Math.max(...gaps) };
  }
}

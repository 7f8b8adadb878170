import assert from "node:assert/strict";
import { demandLocalSql, leaderOf } from "./psql.ts";
import { MEMBERS } from "./site.ts";
import type { Site } from "./site.ts";
import { until } from "../../kube/until.ts";

/** Rows that a test wrote into a database and that must never be lost from then on. */
export class Ledger {
  readonly #site: Site;
  #rows = 0;

  constructor(site: Site) {
    this.#site = site;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Writes one row on the leader, as its superuser. */
  async add(): Promise<void> {
    const row = this.#rows + 1;
    const leader = await leaderOf(this.#site);
    await demandLocalSql(
      this.#site,
      leader,
      `CREATE TABLE IF NOT EXISTS ledger (row int PRIMARY KEY); INSERT INTO ledger VALUES (${row})`,
      "keybuzz",
    );
    this.#rows = row;
  }

  /** Writes one row if the database is there already. */
  async addWhereItCan(): Promise<void> {
    const leader = await leaderOf(this.#site);
    if ((await demandLocalSql(this.#site, leader, "SELECT 1 FROM pg_database WHERE datname = 'keybuzz'")) === "1")
      await this.add();
  }

  /** Every row is on every member, and nothing else: all are one cluster. */
  async assertKept(): Promise<void> {
    const expected = Array.from({ length: this.#rows }, (_, index) => index + 1).join(",");
    for (const host of MEMBERS) {
      await until(
        `all ${this.#rows} rows on ${host}`,
        async () =>
          (await demandLocalSql(
            this.#site,
            host,
            "SELECT string_agg(row::text, ',' ORDER BY row) FROM ledger",
            "keybuzz",
          )) === expected,
        60_000,
        250,
      );
    }
    assert.equal((await this.systemIds()).size, 1, "one system id");
  }

  async systemIds(): Promise<ReadonlySet<string>> {
    return new Set(
      await Promise.all(
        MEMBERS.map(async (host) =>
          demandLocalSql(this.#site, host, "SELECT system_identifier FROM pg_control_system()"),
        ),
      ),
    );
  }
}

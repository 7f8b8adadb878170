import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noticing } from "../../../src/plan/notices.ts";
import { poolerNotices } from "../../../src/reconcilers/pgbouncer-pool/notices.ts";

type Settings = Readonly<Record<string, string>>;

/** What is said when a PgBouncer that runs with the one gets the other. */
function said(before: Settings, after: Settings): string {
  const wanted = { settings: after, users: ["a"], databases: ["d"] } as unknown as Parameters<typeof poolerNotices>[0];
  const running = { version: "1.24", config: before, fixed: {}, users: ["a"], databases: ["d"], paused: false };
  return noticing("reload", poolerNotices(wanted, running)).noticed ?? "";
}

describe("who notices another setting of PgBouncer", () => {
  for (const [before, after, words] of [
    [{ pool_mode: "session" }, { pool_mode: "transaction" }, /nothing of a session lasts beyond a transaction/],
    [{ pool_mode: "transaction" }, { pool_mode: "session" }, /keeps its server connection for the whole session/],
    [{ max_client_conn: "1000" }, { max_client_conn: "100" }, /at most 100 clients .*until now 1000/],
    [{ max_db_connections: "0" }, { max_db_connections: "10" }, /max_db_connections goes from no limit to 10/],
    [{ query_timeout: "0" }, { query_timeout: "30" }, /queries are cancelled that take longer than 30 s/],
    [{ idle_transaction_timeout: "60" }, { idle_transaction_timeout: "5" }, /idle in a transaction longer than 5 s/],
    [{ client_tls_sslmode: "prefer" }, { client_tls_sslmode: "require" }, /do not use TLS are refused/],
    [{ listen_addr: "10.0.0.1,127.0.0.1" }, { listen_addr: "127.0.0.1" }, /new clients of 10\.0\.0\.1 are refused/],
    [{ max_prepared_statements: "200" }, { max_prepared_statements: "0" }, /prepared statements of drivers fail/],
    [
      { ignore_startup_parameters: "extra_float_digits, options" },
      { ignore_startup_parameters: "extra_float_digits" },
      /^clients that ask for options at their start are refused$/,
    ],
  ] as const)
    it(`is said of ${JSON.stringify(before)} to ${JSON.stringify(after)}`, () => {
      assert.match(said(before, after), words);
    });

  it("is nobody where clients get more, or a setting means nothing to them", () => {
    const less = { max_client_conn: "100", query_timeout: "30", server_lifetime: "60", default_pool_size: "5" };
    const more = { max_client_conn: "200", query_timeout: "0", server_lifetime: "600", default_pool_size: "6" };
    assert.equal(said(less, more), "");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PGBOUNCER_OWNED_SETTINGS } from "../../../../src/render/pgbouncer-ini.ts";
import { POOLER } from "../cases.ts";
import { judge, places } from "../stack.ts";

function refusal(name: string, value: number | string) {
  const { problems } = judge(({ pgbouncer }) => (pgbouncer.spec.parameters = { [name]: value }));
  return { places: places(problems), text: problems.map(({ message, wayOut }) => `${message}; ${wayOut}`).join("\n") };
}

describe("settings of PgBouncer, before any host is touched", () => {
  const refused: readonly (readonly [string, number | string, RegExp])[] = [
    ["application_name_add_hots", 1, /did you mean application_name_add_host\?/],
    ["Query_Timeout", 30, /did you mean query_timeout\?/],
    ["queryTimeout", 30, /did you mean query_timeout\?/],
    ["query-timeout", 30, /did you mean query_timeout\?/],
    ["Pool_Mode", "session", /is decided by spec\.poolMode/],
    ["max_client_con", 10, /did you mean max_client_conn\? .*set spec\.maxClientConnections instead/],
    ["work_mem", "4MB", /is no setting of PgBouncer/],
    ["pool_size", 10, /a setting of a database's line/],
    ["syslog", 1, /is decided by pgha/],
    ["tcp_keepalive", 0, /is decided by pgha/],
    ["application_name_add_host", "on", /takes 0 or 1 here; write 1/],
    ["log_connections", "False", /write 0/],
    ["server_round_robin", 2, /takes 0 or 1/],
    ["query_timeout", "abc", /a number of seconds/],
    ["query_timeout", "5min", /write 300/],
    ["server_lifetime", "1h", /write 3600/],
    ["client_idle_timeout", -1, /a number of seconds/],
    ["query_wait_timeout", "1e3", /a number of seconds/],
    ["query_wait_timeout", "", /a number of seconds/],
    ["query_wait_timeout", " 30", /a blank at an end/],
    ["max_user_connections", "2k", /a whole number from 0/],
    ["max_user_connections", "0x10", /a whole number from 0/],
    ["max_user_connections", "010", /a whole number from 0/],
    ["listen_backlog", "99999999999", /a whole number from 1 to 2147483647/],
    ["tcp_keepcnt", 500, /from 0 to 127/],
    ["server_tls_sslmode", "verify_full", /write verify-full/],
    ["client_tls_sslmode", "on", /one of disable, allow/],
    ["ignore_startup_parameters", "options;search_path", /names of parameters with commas/],
  ];
  for (const [name, value, says] of refused) {
    it(`refuses ${name} = ${JSON.stringify(value)}`, () => {
      const { places: at, text } = refusal(name, value);
      assert.equal(at.length, 1);
      assert.ok(at[0]?.startsWith(`${POOLER} spec.parameters`), at[0]);
      assert.match(text, says);
    });
  }

  it("takes what PgBouncer takes", () => {
    for (const [name, value] of [
      ["query_timeout", "1.5"],
      ["query_wait_timeout", 30],
      ["server_reset_query", ""],
      ["server_reset_query", "DISCARD ALL; SELECT ';'"],
      ["server_tls_sslmode", "Require"],
      ["ignore_startup_parameters", "extra_float_digits, options,search_path"],
      ["track_extra_parameters", "IntervalStyle, myapp.tenant"],
      ["tcp_keepidle", 60],
      ["verbose", -1],
      ["max_packet_size", "4294967295"],
    ] as const)
      assert.deepEqual(refusal(name, value), { places: [], text: "" }, name);
  });

  it("refuses everything that the renderer would refuse as pgha's own", () => {
    for (const name of PGBOUNCER_OWNED_SETTINGS) assert.equal(refusal(name, 1).places.length, 1, name);
  });

  it("warns when the list of ignored parameters loses what the JDBC driver needs", () => {
    const { warnings } = judge(
      ({ pgbouncer }) => (pgbouncer.spec.parameters = { ignore_startup_parameters: "options" }),
    );
    assert.deepEqual(places(warnings), [`${POOLER} spec.parameters.ignore_startup_parameters`]);
    assert.match(warnings[0]?.wayOut ?? "", /write extra_float_digits,options/);
  });

  it("warns of a tracked parameter that this PostgreSQL does not report, since it would be lost", () => {
    const lost = (tracked: string, version: 17 | 18): string =>
      judge(({ cluster, pgbouncer }) => {
        cluster.spec.postgresql.version = version;
        pgbouncer.spec.parameters = { track_extra_parameters: tracked };
      })
        .warnings.map(({ message }) => /has (.*), which PostgreSQL/.exec(message)?.[1] ?? "")
        .join("");
    assert.equal(lost("IntervalStyle, search_path, statement_timeout", 17), "search_path, statement_timeout");
    assert.equal(lost("IntervalStyle,search_path,default_transaction_read_only", 18), "");
  });
});

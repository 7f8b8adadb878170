import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import { PGBOUNCER_OWNED_SETTINGS, renderPgBouncer } from "../../../src/render/pgbouncer-ini.ts";
import type { PgBouncerInput } from "../../../src/render/pgbouncer-ini.ts";
import { shippedPgBouncer, supportsPreparedStatements } from "../../../src/render/pgbouncer-version.ts";
import { fixture } from "../../fixtures/render/fixture.ts";
import { pgbouncerInput, verifierOf } from "../../fixtures/render/inputs.ts";

function settingsOf(change: Partial<PgBouncerInput>): Readonly<Record<string, string>> {
  const [, section = ""] = renderPgBouncer({ ...pgbouncerInput, ...change }).ini.split("[pgbouncer]\n");
  return Object.fromEntries(
    section
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" = ") as [string, string]),
  );
}

describe("pgbouncer.ini", () => {
  it("is exactly this for the field's first proxy, with its userlist", () => {
    const { ini, userlist } = renderPgBouncer(pgbouncerInput);
    assert.equal(ini, fixture("pgbouncer.ini"));
    assert.equal(userlist, fixture("userlist.txt"));
  });

  it("leaves max_prepared_statements out where the program would not start with it", () => {
    assert.equal(settingsOf({ version: "1.24" })["max_prepared_statements"], "200");
    for (const version of ["1.18.0", "1.20.1", undefined])
      assert.ok(!("max_prepared_statements" in settingsOf({ version })), version);
  });

  it("knows which program each release brings", () => {
    assert.deepEqual(
      ["bookworm", "trixie", "noble", "sid"].map((name) => supportsPreparedStatements(shippedPgBouncer(name))),
      [false, true, true, false],
    );
    assert.ok(supportsPreparedStatements("2.0"));
  });

  it("names no user in a database's entry, or the clients' own SCRAM keys would not be used upstream (F65)", () => {
    assert.doesNotMatch(renderPgBouncer(pgbouncerInput).ini, /\buser=|\bpassword=|^\* =/m);
  });

  it("lets the spec change a default, and nothing that is pgha's", () => {
    assert.equal(settingsOf({ parameters: {} })["query_wait_timeout"], "120");
    assert.equal(settingsOf({ parameters: { query_wait_timeout: 5 } })["query_wait_timeout"], "5");
    for (const name of PGBOUNCER_OWNED_SETTINGS) {
      assert.throws(() => renderPgBouncer({ ...pgbouncerInput, parameters: { [name]: "x" } }), InvalidInputError, name);
    }
  });

  it("owns every setting it decides", () => {
    const decided = Object.keys(settingsOf({ parameters: {} })).filter(
      (name) => !/^(ignore_startup|log_|query_wait|server_lifetime|tcp_keep(cnt|idle|intvl))/.test(name),
    );
    assert.deepEqual(
      decided.filter((name) => !PGBOUNCER_OWNED_SETTINGS.includes(name)),
      [],
    );
  });

  it("shows in syslog_ident what is loaded, the verifiers included (F63)", () => {
    const { ini, ident } = renderPgBouncer(pgbouncerInput);
    assert.match(ident, /^pgha-[0-9a-f]{16}$/);
    assert.match(ini, new RegExp(`^syslog_ident = ${ident}$`, "m"));
    const [first, ...others] = pgbouncerInput.users;
    assert.ok(first);
    assert.notEqual(
      renderPgBouncer({ ...pgbouncerInput, users: [{ ...first, verifier: verifierOf("X") }, ...others] }).ident,
      ident,
    );
  });

  it("says its settings as SHOW CONFIG does, to be compared with what runs", () => {
    const { syslog_ident: _, ...written } = settingsOf({});
    assert.deepEqual(renderPgBouncer(pgbouncerInput).settings, { ...written, logfile: "" });
  });

  it("refuses what the files cannot carry", () => {
    const bad: readonly Partial<PgBouncerInput>[] = [
      { databases: ["*"] },
      { databases: ["pgbouncer"] },
      { databases: ["a = host=evil"] },
      { databases: ["a\n[pgbouncer]\nauth_type = any"] },
      { listenAddresses: ["*\nauth_type = any"] },
      { upstream: { addresses: [], port: 5432 } },
      { parameters: { log_stats: "0\nauth_type = any" } },
      { parameters: { "%include /etc/passwd": 1 } },
      { users: [{ name: "a", verifier: "md5abc" }] },
      { users: [{ name: "a\nb", verifier: verifierOf("A") }] },
      {
        users: [
          { name: "a", verifier: verifierOf("A") },
          { name: "a", verifier: verifierOf("B") },
        ],
      },
    ];
    for (const change of bad)
      assert.throws(() => renderPgBouncer({ ...pgbouncerInput, ...change }), InvalidInputError, JSON.stringify(change));
  });
});

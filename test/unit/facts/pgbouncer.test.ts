import { PGBOUNCER } from "../../../src/desired/services.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pgbouncerFact } from "../../../src/facts/pgbouncer.ts";
import { answerOf, hung, missing, readTranscript, silent } from "./transcript.ts";

const { parse } = pgbouncerFact(PGBOUNCER);

describe("PgBouncer", () => {
  it("1.24 and 1.18 tell what is loaded, on real hosts", () => {
    for (const [name, version] of [
      ["debian-13/proxy", "1.24.1"],
      ["debian-12/proxy", "1.18.0"],
    ] as const) {
      const pgbouncer = parse(answerOf(readTranscript(name), "pgbouncer"));
      assert.deepEqual([pgbouncer?.version, pgbouncer?.paused], [version, false]);
      const { syslog_ident: ident, pool_mode: mode, listen_port: port, listen_addr: address } = pgbouncer?.config ?? {};
      assert.deepEqual(
        [ident, mode, port, address?.includes("127.0.0.1")],
        ["pgha-0123456789abcdef", "transaction", "6432", true],
      );
    }
  });

  it("has values with commas and quotes whole", () => {
    const query = parse(answerOf(readTranscript("debian-13/proxy"), "pgbouncer"))?.config["auth_query"];
    assert.equal(
      query,
      "SELECT rolname, CASE WHEN rolvaliduntil < now() THEN NULL ELSE rolpassword END FROM pg_authid WHERE " +
        "rolname=$1 AND rolcanlogin",
    );
  });

  it("is paused after PAUSE, of everything or of one database", () => {
    assert.equal(parse(answerOf(readTranscript("debian-13/proxy-paused"), "pgbouncer"))?.paused, true);
    const one = "version\nPgBouncer 1.18.0\n@\nkey,value,default,changeable\n@\nname,paused,disabled\nkeybuzz,1,0\n@\n";
    assert.equal(parse({ exitCode: 0, stdout: one })?.paused, true);
  });

  it("tells of the process that it took the place of, and of nothing where nobody knows of one", () => {
    const before =
      "version\nPgBouncer 1.24.1\n@\nkey,value,default,changeable\n@\nname,paused,disabled\n@\n@\nname\n@\n";
    const formerOf = (row: string) =>
      parse({ exitCode: 0, stdout: `${before}leased\n@\nuntil,port,how\n${row}` })?.former;
    assert.deepEqual(formerOf("1800000000,6432,listens\n"), { port: 6432, until: 1_800_000_000, listens: true });
    assert.equal(formerOf("1800000000,6432,drains\n")?.listens, false);
    for (const row of ["", ",,\n", "soon,6432,listens\n", "999999999999999,6432,listens\n"])
      assert.equal(formerOf(row), undefined, row);
  });

  it("that does not answer is none", () => {
    for (const output of [hung, missing, silent, { exitCode: 0, stdout: "version\nPgBouncer 1.24.1\n@\n" }]) {
      assert.equal(parse(output), undefined);
    }
  });
});

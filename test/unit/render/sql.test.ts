import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import { quoteIdentifier, quoteLiteral } from "../../../src/render/sql-quoting.ts";
import {
  alterDatabase,
  alterMemberships,
  alterRole,
  createDatabase,
  createExtension,
  createRole,
  setVerifier,
  sqlScript,
} from "../../../src/render/sql.ts";
import { fixture } from "../../fixtures/render/fixture.ts";
import { verifierOf } from "../../fixtures/render/inputs.ts";

const role = {
  name: "keybuzz",
  login: true,
  superuser: false,
  createdb: false,
  createrole: false,
  inherit: true,
  replication: false,
  bypassrls: false,
  connectionLimit: -1,
};

describe("SQL", () => {
  it("makes a role, its memberships and its password with exactly this", () => {
    const script = sqlScript([
      createRole(role, { grant: ["pg_monitor"], revoke: [] }),
      setVerifier("keybuzz", verifierOf("K")),
    ]);
    assert.equal(script, fixture("role.sql"));
  });

  it("makes a database and its extensions with exactly this", () => {
    const database = { name: "keybuzz", owner: "keybuzz", encoding: "UTF8", locale: "C.UTF-8", connectionLimit: -1 };
    const script = sqlScript([
      createDatabase(database),
      alterDatabase("keybuzz", { owner: "n8n", connectionLimit: 50 }),
      createExtension("uuid-ossp"),
    ]);
    assert.equal(script, fixture("database.sql"));
  });

  it("names every attribute, so that the end does not depend on the start", () => {
    const all = {
      ...role,
      login: false,
      superuser: true,
      createdb: true,
      createrole: true,
      inherit: false,
      replication: true,
      bypassrls: true,
      connectionLimit: 7,
    };
    assert.equal(
      alterRole(all),
      'ALTER ROLE "keybuzz" WITH NOLOGIN SUPERUSER CREATEDB CREATEROLE NOINHERIT REPLICATION BYPASSRLS ' +
        "CONNECTION LIMIT 7;\n",
    );
  });

  it("says nothing where nothing changes", () => {
    assert.equal(alterMemberships("a", { grant: [], revoke: [] }) + alterDatabase("a", {}), "");
  });

  it("takes memberships away as well as giving them", () => {
    assert.equal(
      alterMemberships('a"b', { grant: ["c"], revoke: ["d e"] }),
      'GRANT "c" TO "a""b";\nREVOKE "d e" FROM "a""b";\n',
    );
  });

  it("stores nothing but a verifier: PostgreSQL would hash anything else as a password", () => {
    for (const value of [
      "",
      "secret",
      "md5abc",
      `${verifierOf("A")}'`,
      ` ${verifierOf("A")}`,
      `${verifierOf("A")}\n`,
    ]) {
      assert.throws(
        () => setVerifier("a", value),
        (error: unknown) => {
          assert.ok(error instanceof InvalidInputError);
          assert.ok(value === "" || !error.message.includes(value));
          return true;
        },
      );
    }
  });

  it("refuses a name that PostgreSQL would cut to another one", () => {
    assert.equal(quoteIdentifier("x".repeat(63)).length, 65);
    for (const name of ["x".repeat(64), "é".repeat(32), "", "a\0b", "\ud800"])
      assert.throws(() => quoteIdentifier(name), InvalidInputError);
  });

  it("writes a backslash so that it means itself under either setting of the server", () => {
    assert.equal(quoteLiteral("a'b"), "'a''b'");
    assert.equal(quoteLiteral("a\\b'c"), "E'a\\\\b''c'");
  });

  it("refuses a connection limit that is none", () => {
    for (const connectionLimit of [-2, 1.5, Number.NaN])
      assert.throws(() => alterRole({ ...role, connectionLimit }), InvalidInputError);
  });
});

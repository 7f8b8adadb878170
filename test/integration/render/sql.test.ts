import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { healthColumns, readHealth } from "../../../src/facts/sql-health.ts";
import { quoteLiteral } from "../../../src/render/sql-quoting.ts";
import {
  alterDatabase,
  alterRole,
  createDatabase,
  createExtension,
  createRole,
  setVerifier,
  sqlScript,
} from "../../../src/render/sql.ts";
import { verifierOf } from "../../fixtures/render/inputs.ts";
import { serverPrograms, startPostgres } from "./temporary-postgres.ts";
import type { TemporaryPostgres } from "./temporary-postgres.ts";

const NAMES = [
  "plain",
  "with space",
  'quo"te',
  "apo'strophe",
  "back\\slash",
  "\\gexec",
  ":x",
  ":'x'",
  ':"x"',
  "new\nline",
  "semi;colon",
  "--",
  "/*",
  "$$",
  "$1",
  "%I",
  "é日本😀",
  "'; DROP ROLE victim; --",
  '"; DROP ROLE victim; --',
  "\\! touch /tmp/pgha-injected",
  "`id`",
  "x".repeat(63),
  "select",
  "E'\\x41'",
];

const attributes = {
  login: true,
  superuser: false,
  createdb: true,
  createrole: false,
  inherit: false,
  replication: false,
  bypassrls: false,
  connectionLimit: 5,
};

const programs = serverPrograms();

describe(
  "SQL through psql to a real PostgreSQL",
  { skip: programs === undefined ? "no PostgreSQL server on this machine" : false },
  () => {
    let server: TemporaryPostgres;

    before(() => {
      server = startPostgres(programs ?? "");
      server.psql('CREATE ROLE victim; CREATE ROLE "group";');
    });

    after(() => server.stop());

    it("tells how full it is, which slots keep WAL, and whether commits wait, in one line of one SELECT", () => {
      server.psql(
        "SELECT pg_create_physical_replication_slot('kept', true), pg_create_physical_replication_slot('new');",
      );
      const read = () =>
        readHealth(JSON.parse(server.psql(`SELECT json_build_object(${healthColumns})->'health';`)) as unknown);
      const health = read();
      assert.deepEqual(
        [health?.replayPaused, health?.synchronousStandbys, health?.maximumConnections, health?.connections],
        [false, "", 100, 1],
      );
      assert.deepEqual(
        health?.slots.map(({ name, active, retainedBytes }) => [name, active, typeof retainedBytes]),
        [
          ["kept", false, "number"],
          ["new", false, "undefined"],
        ],
      );
      server.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots;");
      assert.deepEqual(read()?.slots, []);
    });

    it("makes exactly the role that was named, twice over with the same end", () => {
      for (const name of NAMES) {
        const script = sqlScript([
          createRole({ name, ...attributes }, { grant: ["group"], revoke: [] }),
          setVerifier(name, verifierOf("K")),
        ]);
        server.psql(script);
        server.psql(script);
        const found = server.psql(
          "SELECT rolcanlogin, rolcreatedb, rolinherit, rolconnlimit, rolpassword, pg_has_role(oid, " +
            `'group', 'member') FROM pg_authid WHERE rolname = ${quoteLiteral(name)};`,
        );
        assert.equal(found, `t|t|f|5|${verifierOf("K")}|t\n`, name);
      }
      assert.equal(server.psql("SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_';"), `${NAMES.length + 3}\n`);
    });

    it("makes exactly the database that was named, with its owner and extension, twice over", () => {
      for (const name of NAMES.slice(0, 14)) {
        const script = sqlScript([
          createDatabase({ name, owner: name, encoding: "UTF8", locale: "C.UTF-8", connectionLimit: -1 }),
          alterDatabase(name, { owner: "victim", connectionLimit: 7 }),
        ]);
        server.psql(script);
        server.psql(script);
        const found = server.psql(
          "SELECT datdba::regrole, pg_encoding_to_char(encoding), datconnlimit FROM pg_database WHERE " +
            `datname = ${quoteLiteral(name)};`,
        );
        assert.equal(found, "victim|UTF8|7\n", name);
      }
      server.psql(sqlScript([createExtension("pgcrypto"), createExtension("pgcrypto")]), "with space");
      assert.equal(
        server.psql("SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pgcrypto';", "with space"),
        "public\n",
      );
    });

    it("changes attributes whatever they were", () => {
      server.psql(
        sqlScript([
          alterRole({ name: "victim", ...attributes, superuser: true }),
          alterRole({ name: "victim", ...attributes }),
        ]),
      );
      assert.equal(server.psql("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'victim';"), "f|t\n");
    });

    it("leaves no verifier in a log that takes every statement, not even when it fails (F91)", () => {
      assert.throws(
        () => server.psql(sqlScript([setVerifier("nobody of this name", verifierOf("Z"))])),
        (error: unknown) => {
          assert.match(String(error), /does not exist/);
          assert.doesNotMatch(String(error), /SCRAM/);
          return true;
        },
      );
      assert.match(server.log(), /CREATE ROLE/);
      assert.doesNotMatch(server.log(), /SCRAM-SHA-256\$/);
    });

    it("stops at the first statement that fails", () => {
      assert.throws(() => server.psql(sqlScript(["SELECT 1/0;\n", "CREATE ROLE too_late;\n"])));
      assert.equal(server.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'too_late';"), "0\n");
    });
  },
);

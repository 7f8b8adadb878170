import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sqlFact } from "../../../src/facts/sql.ts";
import { sqlScript } from "../../../src/facts/sql-script.ts";
import { answerOf, hung, missing, readTranscript, silent } from "./transcript.ts";

const { parse } = sqlFact({ port: 5432, databases: [], parameters: ["work_mem", "timezone"] });

describe("PostgreSQL over its socket", () => {
  it("17 is read on a real primary: roles, databases, extensions, standbys", () => {
    const sql = parse(answerOf(readTranscript("debian-13/primary"), "sql"));
    assert.deepEqual([sql?.inRecovery, sql?.serverVersion], [false, 170012]);
    assert.deepEqual(
      sql?.roles.find(({ name }) => name === "chatwoot"),
      {
        name: "chatwoot",
        login: true,
        superuser: false,
        createdb: false,
        createrole: false,
        inherit: true,
        replication: false,
        bypassrls: false,
        connectionLimit: -1,
        memberOf: ["keybuzz", "pg_read_all_data"],
        verifierDigest: "032a264d95d263649855f71ecdeb5e390b801fe7fe91fe6060cb510acf15979e",
      },
    );
    assert.equal(sql?.roles.find(({ name }) => name === "n8n")?.connectionLimit, 50);
    assert.equal(sql?.roles.find(({ name }) => name === "replicator")?.replication, true);
    assert.ok(
      sql?.roles.every(({ name }) => !name.startsWith("pg_")),
      "PostgreSQL's own roles are none of ours",
    );
    assert.deepEqual(sql?.replication.map(({ name, state }) => `${name} ${state}`).toSorted(), [
      "db-2 streaming",
      "db-3 streaming",
    ]);
  });

  it("proves vector by a distance, in whatever schema it is, on primary and replica", () => {
    for (const name of ["debian-13/primary", "debian-13/replica"]) {
      const databases = parse(answerOf(readTranscript(name), "sql"))?.databases;
      const keybuzz = databases?.find((database) => database.name === "keybuzz");
      assert.deepEqual(
        keybuzz,
        {
          name: "keybuzz",
          owner: "keybuzz",
          connectionLimit: -1,
          extensions: { plpgsql: "1.0", "uuid-ossp": "1.1", vector: "0.8.0" },
          vectorWorks: true,
        },
        name,
      );
    }
  });

  it("looks into every database asked for, past one that does not exist, and into no other", () => {
    const databases = parse(answerOf(readTranscript("debian-13/primary"), "sql"))?.databases ?? [];
    assert.deepEqual(databases.find(({ name }) => name === "no'such\"db")?.vectorWorks, true);
    assert.deepEqual(databases.find(({ name }) => name === "chatwoot")?.extensions, {
      plpgsql: "1.0",
      pgcrypto: "1.3",
      pg_stat_statements: "1.11",
    });
    assert.deepEqual(
      databases.find(({ name }) => name === "postgres"),
      { name: "postgres", owner: "postgres", connectionLimit: -1 },
    );
    assert.ok(!databases.some(({ name }) => name === "nonesuch" || name.startsWith("template")));
  });

  it("15 is read on real Debian 12 hosts, without vector", () => {
    const primary = parse(answerOf(readTranscript("debian-12/primary"), "sql"));
    const replica = parse(answerOf(readTranscript("debian-12/replica"), "sql"));
    assert.deepEqual([primary?.inRecovery, replica?.inRecovery, replica?.serverVersion], [false, true, 150020]);
    assert.deepEqual(replica?.databases.find(({ name }) => name === "keybuzz")?.extensions, {
      plpgsql: "1.0",
      "uuid-ossp": "1.1",
    });
    assert.ok(primary?.databases.every(({ vectorWorks }) => vectorWorks === undefined));
  });

  it("says when vector is installed and does not work", () => {
    const server = {
      inRecovery: false,
      serverVersion: 170000,
      roles: [],
      databases: [{ name: "a", owner: "o", connectionLimit: -1 }],
      replication: [{ name: "s", state: "startup", lagBytes: null }],
      pendingRestartSettings: ["max_connections"],
    };
    const inside = { database: "a", extensions: { vector: "0.8.0" } };
    const read = (...lines: readonly unknown[]) =>
      parse({ exitCode: 0, stdout: lines.map((line) => `${JSON.stringify(line)}\n`).join("") });
    assert.equal(read(server, inside)?.databases[0]?.vectorWorks, false);
    assert.equal(read(server, inside, { database: "a", distance: 4 })?.databases[0]?.vectorWorks, false);
    assert.equal(read(server, inside, { database: "b", distance: Math.sqrt(8) })?.databases[0]?.vectorWorks, false);
    assert.deepEqual(read(server)?.replication, [{ name: "s", state: "startup" }]);
    assert.deepEqual(read(server)?.pendingRestartSettings, ["max_connections"]);
  });

  it("that is down, hangs or is not installed gives no answer", () => {
    for (const output of [
      answerOf(readTranscript("debian-13/stopped"), "sql"),
      answerOf(readTranscript("debian-12/fresh"), "sql"),
      hung,
      missing,
      silent,
    ]) {
      assert.equal(parse(output), undefined);
    }
  });
});

describe("the script for psql", () => {
  it("connects only to databases that exist: a refused connection would end it", () => {
    const script = sqlScript({ port: 5432, databases: ["a", "b"], parameters: ["work_mem", "timezone"] });
    assert.equal(script.match(/ AS pgha_there \\gset\n\\if :pgha_there\n\\connect /g)?.length, 2);
    assert.equal(script.match(/\\connect /g)?.length, 2);
  });

  it("lets no database name out of its quotes", () => {
    const script = sqlScript({
      port: 5432,
      databases: [`a'b"c\\d%20e?f=g&h i\n\\! id`],
      parameters: ["work_mem", "timezone"],
    });
    const connect = script.split("\n").find((line) => line.startsWith("\\connect"));
    assert.match(
      connect ?? "",
      /^\\connect 'postgresql:\/\/postgres@\/[A-Za-z0-9%._-]+\?host=\/var\/run\/postgresql&port=5432'$/,
    );
    assert.ok(script.includes(`datname = 'a''b"c\\d%20e?f=g&h i\n\\! id' AND`));
  });
});

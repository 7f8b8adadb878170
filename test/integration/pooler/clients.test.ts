import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { loginsFact } from "../../../src/facts/logins.ts";
import { setVerifier } from "../../../src/render/sql.ts";
import { isAtLeast } from "../../../src/render/pgbouncer-version.ts";
import { makeVerifier } from "../../../src/credentials/scram.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { pgbouncerInput } from "../../fixtures/render/inputs.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { serverPrograms, startPostgres } from "../render/temporary-postgres.ts";
import type { TemporaryPostgres } from "../render/temporary-postgres.ts";
import { PGBOUNCER_VERSION, PORT, startPgBouncer } from "./temporary-pgbouncer.ts";
import type { TemporaryPgBouncer } from "./temporary-pgbouncer.ts";

const programs = serverPrograms();
const [ROLE, PASSWORD, OTHER] = ["app", "the password of the Secret 1", "another password behind its back 2"];

describe("a real PgBouncer before a real PostgreSQL", { skip: programs === undefined, timeout: 120_000 }, () => {
  let postgres: TemporaryPostgres;
  let pooler: TemporaryPgBouncer | undefined;
  const verifierOf = (password: string): string => makeVerifier(sensitive(password)).reveal();
  const verifier = verifierOf(PASSWORD);

  before(() => {
    postgres = startPostgres(programs ?? "");
    postgres.psql(
      [
        `CREATE ROLE ${ROLE} LOGIN;`,
        setVerifier(ROLE, verifier),
        "CREATE SCHEMA tenant; CREATE TABLE tenant.only_there (); GRANT USAGE ON SCHEMA tenant TO app; " +
          "GRANT SELECT ON tenant.only_there TO app;",
        "GRANT TEMP ON DATABASE postgres TO app;",
        "COPY (SELECT 'local all postgres trust' UNION ALL SELECT 'local all all scram-sha-256') TO " +
          `'${postgres.directory}/data/pg_hba.conf';`,
        "SELECT pg_reload_conf();",
      ].join("\n"),
    );
  });
  after(() => {
    pooler?.stop();
    postgres.stop();
  });

  const restart = async (parameters: Record<string, string> = {}): Promise<void> => {
    pooler?.stop();
    pooler = await startPgBouncer(postgres.directory, { users: [{ name: ROLE, verifier }], parameters });
  };
  /** As a client with these startup parameters, through the pooler. */
  const client = (options: string, sql: string): { readonly said: string; readonly ok: boolean } => {
    const { status, stdout, stderr } = spawnSync(
      "psql",
      ["-XAtqw", "-h", "127.0.0.1", "-p", `${PORT}`, "-U", ROLE, "-d", "postgres", "-c", sql],
      {
        encoding: "utf8",
        env: { ...process.env, PGPASSWORD: PASSWORD, ...(options === "" ? {} : { PGOPTIONS: options }) },
      },
    );
    return { said: `${stdout}${stderr}`.trim(), ok: status === 0 };
  };
  const logins = async () => {
    const fact = loginsFact({
      pooler: { address: "127.0.0.1", port: PORT },
      direct: { address: postgres.directory, port: 5432 },
      logins: [{ role: ROLE, database: "postgres", password: PASSWORD }],
    });
    const { exitCode, stdout } = await localShell().run(fact.command, { deadlineMs: 30_000 });
    return fact.parse({ exitCode, stdout }).map(({ purpose, ok, refused }) => [purpose, ok, refused ?? false]);
  };

  it("lets exporters read figures at its console, and do nothing there", async () => {
    const { name, password } = { name: pgbouncerInput.stats.name, password: "the password of the exporters 3" };
    pooler = await startPgBouncer(postgres.directory, {
      users: [{ name: ROLE, verifier }],
      stats: { name, verifier: verifierOf(password) },
    });
    const ask = (sql: string) =>
      spawnSync("psql", ["-XAtqw", "-h", "127.0.0.1", "-p", `${PORT}`, "-U", name, "-d", "pgbouncer", "-c", sql], {
        encoding: "utf8",
        env: { ...process.env, PGPASSWORD: password },
      });
    assert.match(ask("SHOW STATS").stdout, /^pgbouncer\|/m);
    assert.match(ask("SHOW POOLS").stdout, /^pgbouncer\|/m);
    for (const act of ["PAUSE", "RELOAD", "SHUTDOWN"]) assert.match(ask(act).stderr, /admin access needed/);
  });

  it(
    "a password that PostgreSQL does not know is seen, though the pooler lets it in and serves from an old " +
      "connection",
    async () => {
      await restart();
      assert.deepEqual(await logins(), [
        ["write", true, false],
        ["direct", true, false],
        ["wrong-password", true, false],
      ]);
      postgres.psql(setVerifier(ROLE, verifierOf(OTHER)));
      assert.deepEqual(await logins(), [
        ["write", true, false],
        ["direct", false, true],
        ["wrong-password", true, false],
      ]);
      postgres.psql(setVerifier(ROLE, verifier));
    },
  );

  it("a role whose connections are all taken is not one whose password is unknown", async () => {
    postgres.psql(`ALTER ROLE ${ROLE} CONNECTION LIMIT 1;`);
    assert.deepEqual(
      (await logins()).filter(([purpose]) => purpose !== "wrong-password"),
      [["write", true, false]],
    );
    postgres.psql(`ALTER ROLE ${ROLE} CONNECTION LIMIT -1;`);
  });

  it(
    "the JDBC driver's extra_float_digits is let in as it is; options and currentSchema are not, and the " +
      "error says so",
    async () => {
      await restart();
      assert.equal(await startup({ extra_float_digits: "2", DateStyle: "ISO", TimeZone: "UTC" }), "let in");
      assert.match(await startup({ search_path: "tenant" }), /unsupported startup parameter: search_path/);
      assert.match(await startup({ options: "-c statement_timeout=5s" }), /unsupported startup parameter/);
      assert.match(await startup({ options: "-c search_path=tenant" }), /unsupported startup parameter/);
    },
  );

  it("ignoring options lets such clients in, and loses what they asked for", async () => {
    await restart({ ignore_startup_parameters: "extra_float_digits,options,search_path" });
    for (const parameters of [{ search_path: "tenant" }, { options: "-c search_path=tenant" }])
      assert.equal(await startup(parameters), "let in");
    const { ok, said } = client("-c search_path=tenant", "SHOW search_path");
    assert.equal(ok, true, said);
    assert.doesNotMatch(said, /tenant/);
  });

  it("what docs tell to do instead holds for every client: the role's own setting", async () => {
    postgres.psql(`ALTER ROLE ${ROLE} SET search_path = tenant;`);
    await restart({ ignore_startup_parameters: "extra_float_digits,options,search_path" });
    assert.deepEqual(client("-c search_path=public", "SELECT count(*) FROM only_there"), { said: "0", ok: true });
    postgres.psql(`ALTER ROLE ${ROLE} RESET search_path;`);
  });

  it("track_extra_parameters carries what PostgreSQL reports, where the PgBouncer is new enough", async () => {
    if (!isAtLeast(PGBOUNCER_VERSION, 20)) {
      await assert.rejects(restart({ track_extra_parameters: "IntervalStyle" }), /unknown parameter/);
      return;
    }
    await restart({ track_extra_parameters: "IntervalStyle" });
    const { said } = client("-c intervalstyle=sql_standard", "SHOW intervalstyle");
    assert.equal(said, "sql_standard");
    await restart({ track_extra_parameters: "IntervalStyle,statement_timeout" });
    assert.deepEqual(client("-c statement_timeout=5s", "SHOW statement_timeout"), { said: "0", ok: true });
  });
});

/**
 * What comes back for a startup packet with these parameters, as drivers send them: a request for a password, or an
 * error.
 */
async function startup(parameters: Readonly<Record<string, string>>): Promise<string> {
  const text = Object.entries({ user: ROLE, database: "postgres", ...parameters }).flat();
  const body = Buffer.from(`${text.map((word) => `${word}\0`).join("")}\0`);
  const packet = Buffer.alloc(8);
  packet.writeInt32BE(8 + body.length, 0);
  packet.writeInt32BE(196_608, 4);
  return new Promise((resolve, reject) => {
    const socket = connect(PORT, "127.0.0.1", () => socket.write(Buffer.concat([packet, body])));
    socket.setTimeout(5_000, () => reject(new Error("no answer")));
    socket.on("error", reject);
    socket.once("data", (data: Buffer) => {
      socket.destroy();
      resolve(data.toString("latin1").startsWith("R") ? "let in" : data.toString("latin1").replaceAll("\0", " "));
    });
  });
}

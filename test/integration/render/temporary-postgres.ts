import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { removeFolder } from "../../temporary/remove-folder.ts";

/** A PostgreSQL of its own in a temporary directory, reached over its socket alone. */
export interface TemporaryPostgres {
  /** Where its socket is. */
  readonly directory: string;
  /** Runs a script as the superuser, the way changes do; rejects with what psql said. */
  psql(script: string, database?: string): string;
  log(): string;
  stop(): void;
}

/**
 * Where the programs of the newest PostgreSQL on this machine are, or of the one that PGHA_POSTGRES names; undefined
 * when there is none.
 */
export function serverPrograms(): string | undefined {
  const named = process.env["PGHA_POSTGRES"];
  if (named !== undefined) return named;
  const versions = existsSync(ROOT)
    ? readdirSync(ROOT).filter((version) => existsSync(join(ROOT, version, "bin/initdb")))
    : [];
  const newest = versions.toSorted((left, right) => Number(right) - Number(left))[0];
  return newest === undefined ? undefined : join(ROOT, newest, "bin");
}

const ROOT = "/usr/lib/postgresql";

/** Starts one with everything logged. PostgreSQL refuses to run as root, so root hands it to the user postgres. */
export function startPostgres(programs: string): TemporaryPostgres {
  const directory = mkdtempSync("/tmp/pgha-sql-");
  const data = join(directory, "data");
  const as =
    process.getuid?.() === 0 ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : ["env"];
  const run = (command: readonly string[], input?: string) => {
    const [program = "", ...rest] = [...as, ...command];
    const { status, stdout, stderr, error } = spawnSync(program, rest, {
      encoding: "utf8",
      cwd: directory,
      ...(input === undefined ? {} : { input }),
    });
    if (status !== 0) throw new Error(stderr === "" ? String(error ?? stdout) : stderr);
    return stdout;
  };
  if (process.getuid?.() === 0) execFileSync("chown", ["postgres", directory]);
  run([
    join(programs, "initdb"),
    "-D",
    data,
    "-U",
    "postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
  ]);
  run([
    join(programs, "pg_ctl"),
    "-D",
    data,
    "-w",
    "-t",
    "60",
    "-l",
    join(directory, "log"),
    "-o",
    `-k ${directory} -c listen_addresses= -c fsync=off -c log_statement=all -c log_min_duration_statement=0`,
    "start",
  ]);
  return {
    directory,
    psql: (script, database = "postgres") =>
      run(
        [
          join(programs, "psql"),
          "-X",
          "-q",
          "-At",
          "-v",
          "ON_ERROR_STOP=1",
          "-h",
          directory,
          "-U",
          "postgres",
          "-d",
          `dbname='${database.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
          "-f",
          "-",
        ],
        script,
      ),
    log: () => readFileSync(join(directory, "log"), "utf8"),
    stop: () => {
      run([join(programs, "pg_ctl"), "-D", data, "-m", "immediate", "stop"]);
      removeFolder(directory);
    },
  };
}

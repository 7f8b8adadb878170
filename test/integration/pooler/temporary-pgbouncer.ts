import { PGBOUNCER } from "../../../src/desired/services.ts";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { renderPgBouncer } from "../../../src/render/pgbouncer-ini.ts";
import type { PoolUser } from "../../../src/render/pgbouncer-userlist.ts";
import { pgbouncerInput } from "../../fixtures/render/inputs.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

export const PORT = 26433;

/** PGHA_PGBOUNCER may name another one. */
export const PGBOUNCER_PROGRAM = process.env["PGHA_PGBOUNCER"] ?? "/usr/sbin/pgbouncer";
export const PGBOUNCER_VERSION =
  /(\d+\.\d+)/.exec(execFileSync(PGBOUNCER_PROGRAM, ["--version"], { encoding: "utf8" }))?.[1] ?? "";

export interface TemporaryPgBouncer {
  readonly directory: string;
  /** SIGKILL, and another process of it, as systemd would start one. */
  startAnew(): Promise<void>;
  stop(): void;
}

/** The installed PgBouncer with a rendered configuration, in front of the PostgreSQL whose socket is in `upstream`. */
export async function startPgBouncer(
  upstream: string,
  {
    users,
    stats = pgbouncerInput.stats,
    parameters = {},
  }: {
    readonly users: readonly PoolUser[];
    readonly stats?: typeof pgbouncerInput.stats;
    readonly parameters?: Record<string, string>;
  },
): Promise<TemporaryPgBouncer> {
  const directory = mkdtempSync("/tmp/pgha-pooler-");
  const { ini, userlist } = renderPgBouncer({
    ...pgbouncerInput,
    version: PGBOUNCER_VERSION,
    port: PORT,
    listenAddresses: ["127.0.0.1"],
    upstream: { addresses: ["127.0.0.1"], port: 5432 },
    databases: ["postgres"],
    users,
    stats,
    parameters,
  });
  const moved = ini
    .replaceAll(PGBOUNCER.userlist, `${directory}/userlist.txt`)
    .replaceAll(PGBOUNCER.socketDirectory, directory)
    .replaceAll("host=127.0.0.1 ", `host=${upstream} `);
  writeFileSync(`${directory}/pgbouncer.ini`, moved);
  writeFileSync(`${directory}/userlist.txt`, userlist);
  execFileSync("chown", ["-R", "postgres:postgres", directory]);
  let child = await launch(directory);
  return {
    directory,
    async startAnew() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      rmSync(`${directory}/.s.PGSQL.${PORT}`, { force: true });
      child = await launch(directory);
    },
    stop: () => {
      child.kill("SIGKILL");
      removeFolder(directory);
    },
  };
}

async function launch(directory: string): Promise<ChildProcess> {
  const child = spawn(
    "sh",
    [
      "-c",
      'exec setpriv --reuid postgres --regid postgres --clear-groups "$1" "$0/pgbouncer.ini" >"$0/log" 2>&1',
      directory,
      PGBOUNCER_PROGRAM,
    ],
    { stdio: "ignore" },
  );
  const end = Date.now() + 10_000;
  while (!readdirSync(directory).includes(`.s.PGSQL.${PORT}`)) {
    if (Date.now() > end || child.exitCode !== null) throw new Error(readFileSync(`${directory}/log`, "utf8"));
    await pause(20);
  }
  return child;
}

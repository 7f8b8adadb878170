import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Exec {
  readonly host: string;
  readonly display: string;
  readonly startMs: number;
  readonly tookMs: number;
}

/** What one run of pgha took. */
export interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly execs: readonly Exec[];
  readonly stdout: string;
}

const HOOK = new URL("usage.cjs", import.meta.url).pathname;
/** The bundle, not whatever bin/pgha would choose: sources may be newer than it while somebody edits them. */
const PGHA = [
  new URL("../bin/start.cjs", import.meta.url).pathname,
  process.env["BENCH_BUNDLE"] ?? new URL("../dist/pgha.mjs", import.meta.url).pathname,
];

/** Runs pgha, from outside as a user would, and says what it took. Rejects unless it exits with 0. */
export async function runPgha(folder: string, words: readonly string[]): Promise<Usage> {
  const usageFile = join(folder, "usage.json");
  const { seconds, stdout } = await timed(process.execPath, [...PGHA, ...words], {
    NODE_OPTIONS: `--require=${HOOK}`,
    PGHA_BENCH_USAGE: usageFile,
  });
  return {
    seconds,
    stdout,
    ...(JSON.parse(readFileSync(usageFile, "utf8")) as Pick<Usage, "cpuSeconds" | "peakMiB" | "execs">),
  };
}

/** Runs a command and gives its wall clock time and what it printed. Rejects unless it exits with 0. */
export async function timed(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly seconds: number; readonly stdout: string }> {
  const started = performance.now();
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    let seconds = Number.NaN;
    child.on("error", reject);
    child.on("exit", () => {
      seconds = (performance.now() - started) / 1000;
    });
    child.on("close", (code) => {
      const printed = Buffer.concat(stdout).toString();
      if (code === 0) resolve({ seconds, stdout: printed });
      else
        reject(
          new Error(
            `${command} ${words.join(" ")} exited with ${String(code)}:\n${printed}${Buffer.concat(stderr).toString()}`,
          ),
        );
    });
  });
}

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

/** How a run of the command line ended. */
export interface PghaResult {
  /** null: it was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of `--log json`. */
export interface LogLine {
  readonly event?: string;
  readonly step?: string;
  readonly change?: string;
  readonly host?: string;
  readonly stage?: string;
  readonly message?: string;
}

const program = new URL("../../../bin/pgha", import.meta.url).pathname;

/** Longer than any single apply may take, also on a busy machine; nothing is meant to come near it. */
const DEADLINE_MS = 15 * 60_000;

/** Runs pgha to its end. */
export async function pgha(folder: string, words: readonly string[]): Promise<PghaResult> {
  const child = start(folder, words);
  const [stdout, stderr, exitCode] = await Promise.all([
    text(streamOf(child.stdout)),
    text(streamOf(child.stderr)),
    exitOf(child),
  ]);
  return { exitCode, stdout, stderr };
}

/**
 * Runs pgha with JSON logs and kills it (SIGKILL: nothing of it gets to tidy up) at the first line that `isTheMoment`.
 */
export async function pghaKilled(
  folder: string,
  words: readonly string[],
  isTheMoment: (line: LogLine) => boolean,
): Promise<PghaResult & { readonly lines: readonly LogLine[] }> {
  const child = start(folder, [...words, "--log", "json"]);
  const exited = exitOf(child);
  const stdout = text(streamOf(child.stdout));
  const lines: LogLine[] = [];
  let stderr = "";
  for await (const line of createInterface({ input: streamOf(child.stderr) })) {
    stderr += `${line}\n`;
    const parsed = parseLine(line);
    lines.push(parsed);
    if (isTheMoment(parsed)) child.kill("SIGKILL");
  }
  return { exitCode: await exited, stdout: await stdout, stderr, lines };
}

/** Runs pgha and kills it at a moment that its log does not tell. */
export async function pghaKilledWhen(
  folder: string,
  words: readonly string[],
  moment: Promise<unknown>,
): Promise<number | null> {
  const child = start(folder, words);
  const exited = exitOf(child);
  child.stdout?.resume();
  child.stderr?.resume();
  await moment;
  child.kill("SIGKILL");
  return exited;
}

function start(folder: string, words: readonly string[]): ChildProcess {
  const [command = program, ...before] = seeingHosts(folder);
  return spawn(command, [...before, ...(before.length === 0 ? [] : [program]), ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: DEADLINE_MS,
    killSignal: "SIGKILL",
    env: { ...process.env, NO_COLOR: "1" },
  });
}

/**
 * What names of a lab's hosts mean is in no DNS: pgha alone sees the file `hosts` of its folder, where there is one.
 */
function seeingHosts(folder: string): readonly string[] {
  const hosts = join(folder, "hosts");
  const inPlace = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
  return existsSync(hosts) ? ["unshare", "--mount", "sh", "-c", inPlace, "sh", hosts] : [];
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { message: line };
  }
}

function streamOf<T>(stream: T | null): T {
  if (stream === null) throw new TypeError("the stream is a pipe");
  return stream;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import type { Lab } from "../../lab/lab.ts";

export interface Answer {
  readonly exitCode: number | null;
  /** Both outputs: a person sees them as one. */
  readonly printed: string;
}

/** Types a command on a lab host as somebody who logged in by SSH does: root's own shell and PATH. */
export async function typeOn(
  lab: Lab,
  host: string,
  command: string,
  { answers = "", user = "root" } = {},
): Promise<Answer> {
  const words = ["-i", lab.sshKeyPath, "-o", "BatchMode=yes", "-o", `UserKnownHostsFile=${lab.knownHostsPath}`];
  return answerOf("ssh", [...words, `${user}@${lab.host(host).address}`, command], process.env["PATH"] ?? "", answers);
}

/** Types a command in a folder on this machine, where `pgha` is found. */
export async function typeHere(folder: string, command: string): Promise<Answer> {
  const bin = dirname(new URL("../../../bin/pgha", import.meta.url).pathname);
  return answerOf(
    "bash",
    ["-c", `cd "$0" && set -o pipefail && ${command}`, folder],
    `${bin}:${process.env["PATH"]}`,
    "",
  );
}

async function answerOf(program: string, words: readonly string[], path: string, input: string): Promise<Answer> {
  const child = spawn(program, words, { env: { ...process.env, PATH: path, NO_COLOR: "1" } });
  child.stdin.end(input);
  const exited = once(child, "close") as Promise<[number | null]>;
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = await exited;
  return { exitCode, printed: stdout + stderr };
}

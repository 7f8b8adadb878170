import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** What a command left behind. Any exit code is an answer; a signal that ended it is reported as 128 + its number. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A verb of the lab that failed, with what it printed. */
export class LabError extends Error {
  override readonly name = "LabError";
}

const script = new URL("lab", import.meta.url).pathname;

/** Runs `test/lab/lab VERB ARGUMENT...` for the named lab. */
export async function runLab(lab: string, words: readonly string[], input = ""): Promise<CommandResult> {
  const child = spawn(script, words, { env: { ...process.env, PGHA_LAB: lab }, stdio: ["pipe", "pipe", "pipe"] });
  // A command need not read its input to the end.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const exited = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 128));
  });
  const [exitCode, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr };
}

/** As runLab, for a verb that is expected to work: resolves with what it printed, throws LabError otherwise. */
export async function demandLab(lab: string, words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runLab(lab, words);
  if (exitCode !== 0) throw new LabError(`lab ${words.join(" ")} (${lab}) exited with ${exitCode}: ${stderr.trim()}`);
  return stdout;
}

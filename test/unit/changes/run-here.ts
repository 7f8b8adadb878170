import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Command } from "../../../src/shell/command.ts";

/** Runs a command of a host on this machine; programs in `directory` come before those of the machine. */
export async function runHere(
  { script, stdin }: Command,
  directory: string,
): Promise<{ readonly exitCode: number; readonly stderr: string; readonly script: string }> {
  const child = spawn("sh", ["-c", script], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...process.env, PATH: `${directory}:${process.env["PATH"] ?? ""}` },
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin ?? "");
  const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, "close") as Promise<[number]>]);
  return { exitCode, stderr, script };
}

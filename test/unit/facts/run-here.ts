import { spawn } from "node:child_process";
import type { Fact, FactOutput } from "../../../src/facts/fact.ts";

/** Puts one question to this machine, whose own servers it may dial meanwhile. */
export async function runHere<T>(
  fact: Fact<T>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ answer: T; output: FactOutput }> {
  const child = spawn("/bin/sh", ["-c", fact.command.script], {
    env: { ...environment, LC_ALL: "C" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  child.stdin.on("error", () => undefined);
  child.stdin.end(fact.command.stdin ?? "");
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 255));
  });
  const output = { exitCode, stdout: Buffer.concat(parts).toString() };
  return { answer: fact.parse(output), output };
}

import { spawn } from "node:child_process";
import type { Command } from "../../src/shell/command.ts";
import { OutputReader } from "../../src/shell/output-reader.ts";
import type { RemoteShell, RunOptions, RunResult } from "../../src/shell/shell.ts";

/**
 * A RemoteShell whose host is this machine, for tests of commands that need no privilege. `rewrite` moves the host's
 * paths into a temporary folder. `cut` makes the host lose its connection: input stays open and silent.
 */
export function localShell(rewrite: (script: string) => string = (script) => script): RemoteShell & { cut(): void } {
  const cuts = new Set<() => void>();
  return {
    host: "local",
    run: (command: Command, options: RunOptions) =>
      new Promise<RunResult>((resolve, reject) => {
        const child = spawn("/bin/sh", ["-c", rewrite(command.script)], { stdio: "pipe", timeout: options.deadlineMs });
        const stdout = new OutputReader(options.onLine);
        const stderr = new OutputReader();
        child.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
        child.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
        child.stdin.on("error", () => undefined);
        child.on("close", (code, signal) => {
          clearInterval(beat);
          cuts.delete(cut);
          if (code === null) {
            reject(new Error(`killed by ${signal}`));
          } else {
            resolve({ exitCode: code, stdout: stdout.text(), stderr: stderr.text() });
          }
        });
        let silent = false;
        const cut = (): void => {
          silent = true;
          clearInterval(beat);
          reject(new Error("connection lost"));
        };
        cuts.add(cut);
        child.stdin.write(command.stdin ?? "");
        const beat =
          options.heartbeatMs === undefined
            ? undefined
            : setInterval(() => child.stdin.write("\n"), options.heartbeatMs);
        const letGo = (): void => {
          clearInterval(beat);
          if (!silent) {
            child.stdin.end();
          }
        };
        (options.holdUntil ?? Promise.resolve()).then(letGo, letGo);
      }),
    cut: () => cuts.forEach((cut) => cut()),
  };
}

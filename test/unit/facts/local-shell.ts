import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RemoteShell } from "../../../src/shell/shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

/** This machine as a host, with a directory of its own in the place of /run/pgha. Remove it with `remove`. */
export interface LocalShell extends RemoteShell {
  readonly runDirectory: string;
  remove(): void;
}

export function localShell(): LocalShell {
  const runDirectory = mkdtempSync(join(tmpdir(), "pgha-facts-"));
  return {
    host: "here",
    runDirectory,
    remove: () => removeFolder(runDirectory),
    run: (command) => {
      const { promise, resolve, reject } = Promise.withResolvers<{
        exitCode: number;
        stdout: string;
        stderr: string;
      }>();
      const child = spawn("/bin/sh", ["-c", command.script.replaceAll("/run/pgha", runDirectory)]);
      const read = (stream: NodeJS.ReadableStream): Buffer[] => {
        const parts: Buffer[] = [];
        stream.on("data", (part: Buffer) => parts.push(part));
        return parts;
      };
      const stdout = read(child.stdout);
      const stderr = read(child.stderr);
      child.on("error", reject);
      child.on("close", (code) =>
        resolve({
          exitCode: code ?? 255,
          stdout: Buffer.concat(stdout).toString(),
          stderr: Buffer.concat(stderr).toString(),
        }),
      );
      child.stdin.on("error", () => undefined);
      child.stdin.end(command.stdin ?? "");
      return promise;
    },
  };
}

import { HostUnreachableError } from "../../errors.ts";
import type { CurrentContents } from "../../plan/format-file.ts";
import { sh, script } from "../../shell/command.ts";
import type { RemoteShell } from "../../shell/shell.ts";

/** A file on a host, and the step that wants to replace it. */
export interface FileToRead {
  readonly id: string;
  readonly host: string;
  readonly path: string;
}

const DEADLINE_MS = 10_000;

/**
 * Reads files for a diff, by step id: hosts side by side, one command a host. What can't be read is left out, since a
 * plan without one diff is still a plan.
 */
export async function currentContents(
  files: readonly FileToRead[],
  shellFor: (host: string) => RemoteShell,
): Promise<CurrentContents> {
  const byHost = [...Map.groupBy(files, (file) => file.host)];
  const read = await Promise.all(byHost.map(async ([host, own]) => readFrom(shellFor(host), own)));
  return new Map(read.flat());
}

async function readFrom(
  shell: RemoteShell,
  files: readonly FileToRead[],
): Promise<readonly (readonly [id: string, content: string])[]> {
  // One line a file: base64 without line ends, or an empty line for a file that can't be read.
  const command = script(files.map(({ path }) => sh`base64 -w 0 -- ${path} 2>/dev/null || true; echo`));
  try {
    const { stdout } = await shell.run(command, { deadlineMs: DEADLINE_MS });
    const lines = stdout.split("\n");
    return files.flatMap(({ id }, index) =>
      lines[index] === undefined || lines[index] === ""
        ? []
        : [[id, Buffer.from(lines[index], "base64").toString()] as const],
    );
  } catch (error) {
    if (error instanceof HostUnreachableError) {
      return [];
    }
    throw error;
  }
}

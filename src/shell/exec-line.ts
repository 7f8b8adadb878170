import type { Command } from "./command.ts";
import { quoteWord } from "./quoting.ts";

/** What is asked of sshd, and what goes to its standard input. */
export interface ExecRequest {
  readonly line: string;
  readonly input: Buffer;
}

export interface RequestOptions {
  readonly deadlineMs: number;
  readonly become: "sudo" | undefined;
  /** The script comes on standard input however short it is, so that it does not fill the host's list of processes. */
  readonly shortLine?: boolean;
}

/**
 * The exec request for a command. The login shell must be a POSIX one.
 *
 * timeout(1) ends the command and its children on the host when the deadline passes, so that a lost connection leaves
 * nothing behind for ever; what ignores SIGTERM is killed 5 s later. Messages are in English whatever the host's locale.
 */
export function execRequest(command: Command, options: RequestOptions): ExecRequest {
  const input = Buffer.from(command.stdin ?? "");
  const seconds = (options.deadlineMs / 1000).toFixed(3);
  // sudo drops the environment and speaks before it does, so the locale is set on both sides of it.
  const root = options.become === "sudo" ? "sudo -n -- env LC_ALL=C.UTF-8 " : "";
  const start = `LC_ALL=C.UTF-8 exec ${root}timeout -k 5 ${seconds} sh -c `;
  const line = start + quoteWord(command.script);
  if (options.shortLine !== true && Buffer.byteLength(line) <= longestLine) {
    return { line, input };
  }
  const script = Buffer.from(command.script).toString("base64");
  const blocks = Math.ceil(script.length / blockBytes);
  const padded = Buffer.from(script.padEnd(blocks * blockBytes, "\n"));
  return { line: start + quoteWord(readScriptFromInput(blocks)), input: Buffer.concat([padded, input]) };
}

/** Linux takes no single argument above 128 KiB (MAX_ARG_STRLEN, execve(2)), and sshd passes the request as one. */
const longestLine = 120_000;

/** Small beside most scripts, which are filled up to the next multiple. */
const blockBytes = 4_096;

/**
 * Runs a script that came as the first blocks of standard input. dd(1) takes not a byte more than it is asked for,
 * which head(1) only promises in some implementations: the rest is the script's own input.
 */
function readScriptFromInput(blocks: number): string {
  return `s=$(dd bs=${blockBytes} count=${blocks} iflag=fullblock 2>/dev/null | base64 -d); eval "\${s:?no script came}"`;
}

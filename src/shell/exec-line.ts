import { randomInt, randomUUID } from "node:crypto";
import type { Command, Feed, Sink } from "./command.ts";
import { loginLine } from "./login-line.ts";

/** What is asked of sshd, and what goes to its standard input and when. */
export interface ExecRequest {
  readonly line: string;
  /**
   * Sent at once. It says nothing to whoever reads it, and ends a shell that runs in the place of what was asked for.
   */
  readonly greeting: string;
  /** A word of the greeting. Where it comes back, whatever is sent is printed. */
  readonly canary: string;
  /** What is printed once the host obeys. It does not stand in the line, nor in the greeting. */
  readonly answer: string;
  /** Sent after that, not before: the script, and the input of the command. */
  readonly input: Buffer;
  /** Sent after that. */
  readonly feed?: Feed;
  /** Where what the command prints goes. */
  readonly sink?: Sink;
}

export interface RequestOptions {
  readonly deadlineMs: number;
  readonly become: "sudo" | undefined;
}

/** Said after the answer where standard input is a terminal, which prints back what it is sent. */
export const ON_TERMINAL = "on a terminal";

/** How a shell ends that took the greeting for commands. */
export const EXIT_BY_GREETING = 97;

/**
 * The exec request for a command. Any login shell will do, if it runs what it is given.
 *
 * The line tells a shell on the host to answer, and then to read its script: so nothing that matters is sent to a login
 * that runs something else. timeout(1) ends the command and its children on the host when the deadline passes, so that
 * a lost connection leaves nothing behind for ever; what ignores SIGTERM is killed 5 s later.
 */
export function execRequest(command: Command, { deadlineMs, become }: RequestOptions): ExecRequest {
  const script = Buffer.from(command.script);
  const blocks = Math.max(1, Math.ceil(script.length / blockBytes));
  const padding = Buffer.alloc(blocks * blockBytes - script.length, "\n");
  const [a, b] = [randomInt(2 ** 40), randomInt(2 ** 40)];
  const canary = randomUUID();
  return {
    line: loginLine(["timeout", "-k", "5", (deadlineMs / 1000).toFixed(3), "sh", "-c", obey(a, b, blocks)], become),
    greeting: `: ${canary}\nexit ${EXIT_BY_GREETING}\n`,
    canary,
    answer: `pgha ${a + b}`,
    input: Buffer.concat([script, padding, Buffer.from(command.stdin ?? "")]),
    ...(command.feed === undefined ? {} : { feed: command.feed }),
    ...(command.sink === undefined ? {} : { sink: command.sink }),
  };
}

/** Small beside most scripts, which are filled up to the next multiple. */
const blockBytes = 4_096;

/**
 * Takes the greeting, answers, and runs the script that comes as the first blocks of standard input. dd(1) takes not a
 * byte more than it is asked for, which head(1) only promises in some implementations: the rest is the script's own
 * input.
 */
function obey(a: number, b: number, blocks: number): string {
  return (
    `cd /; umask 022; read -r g; read -r g; g=; if [ -t 0 ]; then g=" ${ON_TERMINAL}"; fi; ` +
    `echo "pgha $((${a}+${b}))$g"; ` +
    `s=$(dd bs=${blockBytes} count=${blocks} iflag=fullblock 2>/dev/null); eval "\${s:?no script came}"`
  );
}

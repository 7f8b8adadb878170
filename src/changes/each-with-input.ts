import { secret, secretsOf, sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/**
 * Commands for one script, each in a shell of its own and with its own standard input: `read` comes first, `runs` are
 * they, and `given` is the script with what it reads. Inputs come on standard input, a line each, and live in shell
 * variables only. What the commands print goes to standard error.
 */
export function eachWithInput(commands: readonly Command[]): {
  readonly read: readonly Command[];
  readonly runs: readonly Command[];
  readonly given: (whole: Command) => Command;
} {
  const inputs = commands.map(({ stdin }) => (stdin === undefined ? undefined : Buffer.from(stdin).toString("base64")));
  return {
    read: inputs.flatMap((input, number) =>
      input === undefined ? [] : [{ script: `IFS= read -r i${number}`, display: "" }],
    ),
    runs: commands.map((command, number): Command => {
      const shell = sh`sh -c ${command.script} >&2`.script;
      const fed =
        inputs[number] === undefined ? `${shell} </dev/null` : `printf '%s' "$i${number}" | base64 -d | ${shell}`;
      return { script: fed, display: command.display };
    }),
    given: (whole) =>
      withStdin(
        whole,
        secret(inputs.flatMap((input) => (input === undefined ? [] : [`${input}\n`])).join("")),
        secretsOf(commands),
      ),
  };
}

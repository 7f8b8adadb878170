import { script, secret, secretsOf, sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/**
 * Several commands as one, each in a shell of its own and with its own standard input; the first that fails ends it.
 * `first` is run by the shell that runs the others, so it may end all of it. Inputs come on standard input, a line
 * each, and live in shell variables only. What is printed goes to standard error.
 */
export function inTurn(first: Command, commands: readonly Command[]): Command {
  const inputs = commands.map(({ stdin }) => (stdin === undefined ? undefined : Buffer.from(stdin).toString("base64")));
  const read = inputs.flatMap((input, number) =>
    input === undefined ? [] : [{ script: `IFS= read -r i${number}`, display: "" }],
  );
  const run = commands.map((command, number): Command => {
    const shell = sh`sh -c ${command.script} >&2`.script;
    const text =
      inputs[number] === undefined ? `${shell} </dev/null` : `printf '%s' "$i${number}" | base64 -d | ${shell}`;
    return { script: text, display: command.display };
  });
  const { script: text } = script([...read, first, ...run]);
  return withStdin(
    { script: text, display: [first, ...commands].map(({ display }) => display).join("\n") },
    secret(inputs.flatMap((input) => (input === undefined ? [] : [`${input}\n`])).join("")),
    secretsOf(commands),
  );
}

import { script } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { eachWithInput } from "./each-with-input.ts";

/**
 * Several commands as one; the first that fails ends it. `first` is run by the shell that runs the others, so it may
 * end all of it.
 */
export function inTurn(first: Command, commands: readonly Command[]): Command {
  const { read, runs, given } = eachWithInput(commands);
  const { script: text } = script([...read, first, ...runs]);
  return given({ script: text, display: [first, ...commands].map(({ display }) => display).join("\n") });
}

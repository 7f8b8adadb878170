import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { completionWords } from "./words.ts";
import { zshCompletion } from "./zsh.ts";

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export type ShellName = keyof typeof SCRIPTS;

/** Prints the completion script of the shell that the argument names. */
export async function runCompletion(_options: unknown, { command, screen }: Invocation): Promise<number> {
  // Commander checked it against the choices.
  const shell = command.args[0] as ShellName;
  screen.print(SCRIPTS[shell](completionWords(command.parent ?? command)));
  return EXIT.ok;
}

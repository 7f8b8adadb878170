import { sh, withInput } from "../../src/shell/command.ts";
import type { Command } from "../../src/shell/command.ts";

/**
 * A repeatable command that is given one line, as `$given`. All that is repeatable says beforehand how much it reads.
 */
export function asking(script: Command, line: string): Command {
  return { ...withInput(sh`IFS= read -r given; ${script}`, `${line}\n`), repeatable: true };
}

import { Argument } from "commander";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import type { ShellName } from "./run.ts";

const SHELLS: readonly ShellName[] = ["bash", "zsh", "fish"];

export function defineCompletion(program: Command, attach: Attach): void {
  const command = program
    .command("completion")
    .summary("print completion for bash, zsh or fish")
    .description("Prints a script that lets a shell complete pgha's commands and options with the Tab key.")
    .addArgument(new Argument("<shell>", "whose completion").choices(SHELLS))
    .addHelpText("after", EXAMPLES);
  attach(command, async (options, invocation) => (await import("./run.ts")).runCompletion(options, invocation));
}

const EXAMPLES = `
Examples:
  source <(pgha completion bash)                                    bash, this session; or in ~/.bashrc
  pgha completion zsh > "\${fpath[1]}/_pgha"                          zsh
  pgha completion fish > ~/.config/fish/completions/pgha.fish       fish
`;

import type { Argument, Command, Option } from "commander";

/** What can be completed, taken from the program itself, so that it never falls behind. */
export interface CompletionWords {
  readonly name: string;
  readonly commands: readonly CommandWords[];
  /** Options that stand before a command and after it. */
  readonly options: readonly OptionWords[];
}

export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** What its first argument may be. */
  readonly argument: Takes;
}

export interface OptionWords {
  /** `-f`, or undefined. */
  readonly short: string | undefined;
  /** `--file`. */
  readonly long: string;
  readonly description: string;
  readonly takes: Takes;
}

/** What comes after an option: nothing, one of some words, a file, a folder, or something only a person knows. */
export type Takes =
  | { readonly kind: "nothing" | "file" | "folder" | "text" }
  | { readonly kind: "choice"; readonly words: readonly string[] };

export function completionWords(program: Command): CompletionWords {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  return {
    name: program.name(),
    commands: commands.map((command) => ({
      name: command.name(),
      summary: command.summary() || command.description(),
      options: help.visibleOptions(command).map(optionWords),
      argument:
        command.name() === "help"
          ? choice(commands.map((other) => other.name()))
          : argumentTakes(command.registeredArguments[0]),
    })),
    options: help.visibleOptions(program).map(optionWords),
  };
}

function optionWords(option: Option): OptionWords {
  const value = /[<[]([a-z-]+)/.exec(option.flags)?.[1];
  return {
    short: option.short,
    long: option.long ?? `--${option.name()}`,
    description: option.description,
    takes: value === undefined ? { kind: "nothing" } : takes(option.argChoices, value),
  };
}

function argumentTakes(argument: Argument | undefined): Takes {
  return argument === undefined ? { kind: "nothing" } : takes(argument.argChoices, argument.name());
}

function takes(choices: readonly string[] | undefined, value: string): Takes {
  if (choices !== undefined) {
    return choice(choices);
  }
  return { kind: value === "folder" ? "folder" : value === "path" || value === "file" ? "file" : "text" };
}

function choice(words: readonly string[]): Takes {
  return { kind: "choice", words };
}

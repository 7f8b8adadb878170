import type { Command } from "commander";

/** Options of every command that is about a stack. */
export interface StackOptions {
  readonly file?: readonly string[];
  readonly state?: string;
}

/** Adds -f and, where records are kept, --state. */
export function addStackOptions(command: Command, more: { readonly state: boolean } = { state: true }): Command {
  command.option(
    "-f, --file <path>",
    "manifest, folder of manifests, or - for standard input; may be repeated (default: pgha.yaml here)",
    collect,
  );
  return more.state
    ? command.option(
        "--state <folder>",
        "where secrets and what was seen of the hosts are kept (default: .pgha beside the first manifest)",
      )
    : command;
}

/** For an option that may be repeated. */
export function collect(path: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), path];
}

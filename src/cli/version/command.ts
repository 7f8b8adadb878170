import { Option } from "commander";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import type { VersionOptions } from "./run.ts";

export function defineVersion(program: Command, attach: Attach): void {
  const command = program
    .command("version")
    .summary("show the version and what it was built from")
    .description("Shows the version, the commit it was built from, and the Node it runs on.")
    .addOption(
      new Option("-o, --output <format>", "for people or for programs").choices(["text", "json"]).default("text"),
    )
    .addHelpText("after", EXAMPLES);
  attach<VersionOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runVersion(options, invocation),
  );
}

const EXAMPLES = `
Examples:
  pgha version
  pgha version -o json | jq -r .commit
`;

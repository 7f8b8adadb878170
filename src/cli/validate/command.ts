import { Option } from "commander";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions } from "../stack-options.ts";
import type { ValidateOptions } from "./run.ts";

export function defineValidate(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("validate"), { state: false })
    .summary("check manifests without touching any host")
    .description(
      "Reads manifests and names everything that is wrong with them, each with its place and the way out. " +
        "Asks no host.",
    )
    .addOption(
      new Option("-o, --output <format>", "for people or for programs").choices(["text", "json"]).default("text"),
    )
    .addHelpText("after", EXAMPLES);
  attach<ValidateOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runValidate(options, invocation),
  );
}

const EXAMPLES = `
Examples:
  pgha validate -f pgha.yaml
  pgha validate -f cluster.yaml -f pools.yaml
  pgha import | pgha validate -f -

Exit codes: 0 sound, 1 not.
`;

import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions, collect } from "../stack-options.ts";
import type { ApplyOptions } from "./run.ts";

export function defineApply(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("apply"))
    .summary("make the hosts as the manifest asks")
    .description(
      "Shows the plan, asks once, and carries it out: in waves, looking again after each, until nothing is " +
        "left to do. Stops\nat the first failure. What is done stays done, so it can simply be run again.",
    )
    .option("-y, --yes", "do not ask")
    .option("--diff", "show new files in full in the plan, too")
    .option("--no-diff", "show no file contents in the plan")
    .option(
      "--rotate <role>",
      "make a new password for this role; its clients must then be given it. May be repeated",
      collect,
    )
    .option("--outside-windows", "do now what clients notice, whatever spec.maintenance.windows says")
    .option("--timings", "say at the end where the time went")
    .addHelpText("after", EXAMPLES);
  attach<ApplyOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runApply(options, invocation),
  );
}

const EXAMPLES = `
Ctrl-C lets the steps in hand finish and stops there; a second Ctrl-C stops at once.

Examples:
  pgha apply -f pgha.yaml
  pgha apply -f pgha.yaml --yes --timings
  pgha apply --rotate n8n                         a new password for the role n8n
  pgha apply --yes --log json 2> apply.jsonl      a JSON object for each thing that happens

Exit codes: 0 all is as the manifest asks, 1 failed, blocked or not approved, 130 interrupted.
`;

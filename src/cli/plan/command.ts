import { Option } from "commander";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions } from "../stack-options.ts";
import type { PlanOptions } from "./run.ts";

export function definePlan(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("plan"))
    .summary("show what apply would change, and why")
    .description(
      "Looks at every host and prints, host by host, what would change and why, what clients would notice, " +
        "and what\nstands in the way. Changes nothing.",
    )
    .option("--diff", "show new files in full, too, not only what changes in existing ones")
    .option("--no-diff", "show no file contents at all")
    .addOption(
      new Option("-o, --output <format>", "for people or for programs").choices(["text", "json"]).default("text"),
    )
    .addHelpText("after", EXAMPLES);
  attach<PlanOptions>(command, async (options, invocation) => (await import("./run.ts")).runPlan(options, invocation));
}

const EXAMPLES = `
Marks:
  + new   ~ changed   ↻ loaded anew: no client notices
  ! [restart] ends one member's sessions   ! [disruptive] writes stop for a moment

Examples:
  pgha plan -f pgha.yaml
  pgha plan -f manifests/ --diff
  pgha plan -o json | jq '.steps[] | select(.impact != "none")'

Exit codes: 0 nothing to do, 2 changes pending, 1 error or blocked.
`;

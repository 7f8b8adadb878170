import { Option } from "commander";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions } from "../stack-options.ts";
import type { RestartOptions } from "./run.ts";

export function defineRestart(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("restart"))
    .argument("[host]", "name of a member, or all", "all")
    .summary("restart PostgreSQL on the members, one at a time")
    .description(
      "Restarts members in the order that keeps the cluster serving: replicas first, the leader last and in " +
        "place, unless what\nwaits asks for another order. One at a time, each only while all others " +
        "stream. Shows the plan, asks once. What was\ninterrupted goes on where it was. Nothing else is changed.",
    )
    .option("--pending", "only members for which a changed setting, or a newer PostgreSQL, waits")
    .addOption(
      new Option("--cancel", "take back what is left of a restart that was begun; touches no host").conflicts(
        "pending",
      ),
    )
    .option("-y, --yes", "do not ask")
    .addHelpText("after", EXAMPLES);
  attach<RestartOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runRestart(command.processedArgs[0] as string, options, invocation),
  );
}

const EXAMPLES = `
Ctrl-C lets the restart in hand finish and stops there; a second Ctrl-C stops at once. Run again to go on, or --cancel.

Examples:
  pgha restart --pending            whatever waits for a restart
  pgha restart db-2                 one member, whether something waits or not
  pgha restart all -f pgha.yaml     each member once
  pgha restart --cancel             no, not those that are still to come

Exit codes: 0 restarted, or nothing to restart, 1 failed, refused or not approved, 130 interrupted.
`;

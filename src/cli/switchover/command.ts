import { Option } from "commander";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions } from "../stack-options.ts";
import type { SwitchoverOptions } from "./run.ts";

export function defineSwitchover(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("switchover"))
    .summary("have another member lead, while clients of the poolers wait for about a second")
    .description(
      "Has a replica take the lead over: the one that is named, else the one that is best. Clients of PgBouncer wait " +
        "meanwhile,\nand nothing of theirs fails; sessions that go past it end. Shows the plan, asks once. Where a " +
        "transaction does not end in\ntime, nothing is switched, and clients go on. Nothing else is changed.",
    )
    .option("--to <host>", "name of the member that is to lead")
    .option("--force", "cut transactions that do not end in time, and clients of a proxy host that cannot be looked at")
    .addOption(
      new Option("--cancel", "take back a switchover that was begun; touches no host").conflicts(["to", "force"]),
    )
    .option("-y, --yes", "do not ask")
    .addHelpText("after", EXAMPLES);
  attach<SwitchoverOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runSwitchover(options, invocation),
  );
}

const EXAMPLES = `
Run again after an interruption to go on, or --cancel. Clients never wait longer than ten seconds for it, whatever dies.

Examples:
  pgha switchover                   to the best replica
  pgha switchover --to db-2         to this one
  pgha switchover --cancel          no, leave it as it is

Exit codes: 0 another member leads, or the named one did already, 1 failed, refused or not approved, 130 interrupted.
`;

import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions } from "../stack-options.ts";
import type { ApproveOptions } from "./run.ts";

export function defineApprove(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("approve"))
    .argument("<host>", "name or address of the host, as in the manifest")
    .summary("take on a host that was rebuilt, or has a new volume")
    .description(
      "Shows what of a host is not as it was recorded (host key, machine-id, data volume) and what it lost, " +
        "asks once, and\nfrom then on takes the machine for the one that the manifest means, in all " +
        "resources that name it. A host key that\nstands in the manifest is changed there, too. Nothing on " +
        "the host is touched: pgha apply then puts back what it lost.",
    )
    .option("--fingerprint <fingerprint>", "the host key that was compared, as ssh-keygen -lf prints it: SHA256:...")
    .option("-y, --yes", "do not ask; takes --fingerprint")
    .option("--no-edit", "leave the manifests alone: print the lines to change")
    .addHelpText("after", EXAMPLES);
  attach<ApproveOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runApprove(command.args[0] ?? "", options, invocation),
  );
}

const EXAMPLES = `
Examples:
  pgha approve db-2
  pgha approve db-2 --yes --fingerprint SHA256:J1lUKxk2uHs9cnuGPVvU5ASDCmk6lyUBxyQvvv1cJR0

Exit codes: 0 approved, or nothing to approve, 1 refused or not approved, 2 the manifests are still to be changed.
`;

import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions } from "../stack-options.ts";
import type { StackOptions } from "../stack-options.ts";

export function defineForget(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("forget"))
    .argument("<hosts...>", "hosts, or pools as KIND/NAME, that are not in the manifest any more")
    .summary("say that a host or a pool that left the manifest is gone for good")
    .description(
      "pgha remembers every host that it set up, since one that is taken off a list goes on voting or " +
        "serving. This takes\nit, or a whole pool, off the record, once nothing counts on it any more. No " +
        "host is touched.",
    )
    .addHelpText("after", EXAMPLES);
  attach<StackOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runForget(command.args, options, invocation),
  );
}

const EXAMPLES = `
What has to be done before is in the message of pgha plan, and in docs/operations.md, MemberUndeclared,
HostUndeclared and PoolUndeclared.

Examples:
  pgha forget db-slave-03
  pgha forget lb-01 lb-02 -f pgha.yaml
  pgha forget HAProxyPool/lb

Exit codes: 0 forgotten, 1 refused.
`;

import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions, collect } from "../stack-options.ts";
import type { DeleteOptions } from "./run.ts";

export function defineDelete(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("delete"))
    .argument("[resources...]", "as Kind/name; without any, all of the manifest")
    .summary("stop what the manifest made, or remove it, as its deletionPolicy says")
    .description(
      "Deletes resources by spec.deletionPolicy of each. Retain: nothing is done, hosts serve as before. " +
        "Stop: what serves is\nstopped and stays so, data and files stay. Purge: data and files are " +
        "removed, too. Poolers first, then proxies, then\nclusters. Asks before anything is touched; for " +
        "data, for the name of the cluster. Can simply be run again.",
    )
    .option("-y, --yes", "do not ask; data is deleted only with --purge")
    .option("--purge <name>", "delete the data of this cluster without asking for its name. May be repeated", collect)
    .addHelpText("after", EXAMPLES);
  attach<DeleteOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runDelete(command.args, options, invocation),
  );
}

const EXAMPLES = `
Secrets and what was seen of the hosts stay in the state folder as long as the data does: they go with Purge, last \
of all.

Examples:
  pgha delete PgBouncerPool/keybuzz-pgbouncer
  pgha delete -f pgha.yaml                        all that is in it
  pgha delete -f pgha.yaml --yes --purge keybuzz-pg

Exit codes: 0 deleted, 1 failed, blocked, a host is away or not approved, 130 interrupted.
`;

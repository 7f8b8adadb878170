import type { Command } from "commander";
import type { Attach } from "../invocation.ts";

export interface ImportOptions {
  readonly db?: string;
  readonly env?: string;
  readonly force?: boolean;
  readonly name?: string;
  readonly output?: string;
  readonly proxies?: string;
  readonly scanHostKeys?: boolean;
}

export function defineImport(program: Command, attach: Attach): void {
  const command = program.command("import")
    .summary("make a manifest from an inventory (servers.tsv)")
    .description("Turns an inventory into a manifest. Which hosts form the cluster is never guessed: where more match than asked for,\nthey are listed and you choose.")
    .argument("[path]", "inventory, TAB separated (default: servers.tsv or inventory/servers.tsv, here and up the tree)")
    .option("--env <name>", "take only rows of this environment, e.g. prod")
    .option("--db <hosts>", "the database hosts: host names, or column=value pairs, with commas between")
    .option("--proxies <hosts>", "the proxy hosts, in the same way")
    .option("--name <name>", "name of the cluster")
    .option("--scan-host-keys", "ask the hosts for their SSH host keys and print the fingerprints for you to compare")
    .option("-o, --output <file>", "write to this file instead of standard output")
    .option("--force", "overwrite the file if it exists")
    .addHelpText("after", EXAMPLES);
  attach<ImportOptions>(command, async (options, invocation) => (await import("./run.ts")).runImport(options, invocation));
}

const EXAMPLES = `
Examples:
  pgha import --env prod --db db-master-01,db-slave-01,db-slave-02 --proxies role=lb,subrole=internal-haproxy
  pgha import inventory/servers.tsv --env prod --db db-master-01,db-slave-01,db-slave-02 -o pgha.yaml
  pgha import --env prod --db db-1,db-2,db-3 --scan-host-keys -o pgha.yaml
`;

import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import type { ImportOptions } from "./run.ts";

export function defineImport(program: Command, attach: Attach): void {
  const command = program
    .command("import")
    .summary("make a manifest from an inventory (servers.tsv)")
    .description(
      "Turns an inventory into a manifest. Which hosts form the cluster is never guessed: where more match " +
        "than asked for,\nthey are listed and you choose. With nothing but --ssh-key it only puts the key " +
        "into the state folder.",
    )
    .argument(
      "[path]",
      "inventory, TAB separated, or - for standard input (default: servers.tsv or inventory/servers.tsv, " +
        "here and up the tree)",
    )
    .optionsGroup("Which hosts:")
    .option("--env <name>", "only rows of this environment, e.g. prod")
    .option("--db <hosts>", "the database hosts: host names, or column=value pairs, with commas between")
    .option("--proxies <hosts>", "the proxy hosts, in the same way")
    .option("--allow-single-member", "a cluster of one host, which has no high availability")
    .optionsGroup("What for:")
    .option("--name <name>", "name of the cluster (default: pg-<env>)")
    .option("--roles <names>", "login roles, with commas between", commaList)
    .option("--databases <names>", "databases; NAME:OWNER where the owner is not the role of the same name", commaList)
    .option("--data-volume <path>", "where the data volume is mounted: PATH, or PATH:FILESYSTEM")
    .option("--postgres-version <major>", "major version of PostgreSQL", wholeNumber)
    .option("--client-networks <cidrs>", "networks that clients connect from", commaList)
    .addOption(
      new Option("--runtime <where>", "what services run in").choices(["systemd", "container"]).default("systemd"),
    )
    .option("--images <folder>", "files of their images: members.tar, haproxy.tar, pgbouncer.tar (default: built)")
    .option("--baseline", "also the base of the hosts: kernel settings, and room for packages, firewall and so on")
    .optionsGroup("How to reach them:")
    .option("--scan-host-keys", "ask the hosts for their SSH host keys, and print fingerprints for you to compare")
    .option("--ssh-user <name>", "login name on all hosts, in place of the inventory's")
    .option("--ssh-key <file>", "private key without passphrase; kept as a Secret in the state folder")
    .option("--ssh-key-secret <name>", "name of that Secret", "vm-ssh")
    .option("--state <folder>", "state folder for the key (default: .pgha beside the manifest)")
    .optionsGroup("Where to:")
    .option("-o, --output <file>", "write to this file instead of standard output")
    .option("--force", "overwrite that file if it exists")
    .optionsGroup("Options:")
    .addHelpText("after", EXAMPLES);
  attach<ImportOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runImport(options, invocation),
  );
}

function commaList(text: string): readonly string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

function wholeNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) {
    throw new InvalidArgumentError("Give a whole number, e.g. 17.");
  }
  return Number(text);
}

const EXAMPLES = `
Examples:
  pgha import --env prod --db db-master-01,db-slave-01,db-slave-02 --proxies role=lb,subrole=internal-haproxy
  pgha import servers.tsv --env prod --db db-1,db-2,db-3 --scan-host-keys --ssh-key ~/.ssh/id_ed25519 -o pgha.yaml
  pgha import --ssh-key ~/.ssh/id_ed25519

Exit codes: 0 done, 1 refused; then nothing was written.
`;

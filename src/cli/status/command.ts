import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import { addStackOptions } from "../stack-options.ts";
import type { StatusOptions } from "./run.ts";

export function defineStatus(program: Command, attach: Attach): void {
  const command = addStackOptions(program.command("status"))
    .summary("show how hosts, members, pools and endpoints are")
    .description(
      "Looks at every host and prints what is true now: leader, members, lag, timeline, versions, pools, " +
        "where clients\nconnect, and what is not as it should be. Changes nothing.",
    )
    .option("-a, --all", "show conditions that are as they should be, too")
    .option("-w, --watch [seconds]", "look again and again, every 2 seconds or as often as given", seconds)
    .addOption(
      new Option("-o, --output <format>", "for people or for programs")
        .choices(["text", "json", "yaml"])
        .default("text"),
    )
    .addHelpText("after", EXAMPLES);
  attach<StatusOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runStatus(options, invocation),
  );
}

function seconds(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0.5) {
    throw new InvalidArgumentError("Give a number of seconds, 0.5 or more.");
  }
  return number;
}

const EXAMPLES = `
Examples:
  pgha status -f pgha.yaml
  pgha status --watch                     until Ctrl-C
  pgha status -o json | jq -r '.items[].status.cluster.leader // empty'

Exit codes: 0 everything is Ready, 2 something is not, 1 error.
`;

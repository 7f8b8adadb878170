import { Command, Option } from "commander";
import { defineApply } from "./apply/command.ts";
import { defineApprove } from "./approve/command.ts";
import { defineCompletion } from "./completion/command.ts";
import { defineDelete } from "./delete/command.ts";
import type { Environment } from "./environment.ts";
import { defineForget } from "./forget/command.ts";
import { defineImport } from "./import/command.ts";
import type { Attach } from "./invocation.ts";
import { defineOperator } from "./operator/command.ts";
import { definePlan } from "./plan/command.ts";
import { defineRestart } from "./restart/command.ts";
import { screenFor } from "./screen.ts";
import { defineStatus } from "./status/command.ts";
import { defineSwitchover } from "./switchover/command.ts";
import { defineValidate } from "./validate/command.ts";
import { buildInformation } from "./version/build-information.ts";
import { defineVersion } from "./version/command.ts";

/**
 * The whole command line as commander has it, words and all. A new command is one more `define` here: its folder has
 * the words in command.ts and what it does in run.ts, which is loaded only when it runs.
 */
export function buildProgram(environment: Environment, attach: Attach): Command {
  const { style, columns } = screenFor(environment, { color: true, log: "text" });
  const program = new Command("pgha")
    .description("Keeps highly available PostgreSQL running on plain VMs, over SSH.")
    .version(`pgha ${buildInformation.version}`, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: columns, showGlobalOptions: true, styleTitle: style.bold })
    .configureOutput({
      writeOut: (text) => void environment.stdout.write(text),
      writeErr: (text) => void environment.stderr.write(text),
    })
    .optionsGroup("Options of every command:")
    .addOption(
      new Option("--log <format>", "how to tell what happens: for people, or a JSON object a line on standard error")
        .choices(["text", "json"])
        .default("text"),
    )
    .option("--no-color", "no colours; the same as setting NO_COLOR")
    .option("--debug", "show where an error comes from; the same as PGHA_DEBUG=1");
  for (const [group, define] of COMMANDS) {
    program.commandsGroup(group);
    define(program, attach);
  }
  return program.helpCommand("help [command]", "show the help of a command").addHelpText("after", EXAMPLES);
}

const COMMANDS: readonly (readonly [group: string, define: (program: Command, attach: Attach) => void])[] = [
  ["From hosts to a cluster:", defineImport],
  ["From hosts to a cluster:", defineValidate],
  ["From hosts to a cluster:", definePlan],
  ["From hosts to a cluster:", defineApply],
  ["From hosts to a cluster:", defineStatus],
  ["From hosts to a cluster:", defineRestart],
  ["From hosts to a cluster:", defineSwitchover],
  ["From hosts to a cluster:", defineApprove],
  ["From hosts to a cluster:", defineForget],
  ["From hosts to a cluster:", defineDelete],
  ["In Kubernetes:", defineOperator],
  ["About pgha:", defineVersion],
  ["About pgha:", defineCompletion],
];

const EXAMPLES = `
Examples:
  pgha import -o pgha.yaml --env prod --db db-1,db-2,db-3 --proxies role=lb
  pgha plan -f pgha.yaml       see what would change, and why
  pgha apply -f pgha.yaml      do it, after asking once
  pgha status -f pgha.yaml     see how it is
  pgha help apply              all about one command

Exit codes: 0 all is well, 1 error or blocked, 2 changes pending or not Ready, 130 interrupted.
`;

import { CommanderError } from "commander";
import type { Command } from "commander";
import type { Environment } from "./environment.ts";
import { EXIT } from "./exit-code.ts";
import type { Action, GlobalOptions } from "./invocation.ts";
import { buildProgram } from "./program.ts";
import { reportError } from "./report-error.ts";
import { screenFor } from "./screen.ts";
import { lazyServices } from "./services.ts";
import type { Services } from "./services.ts";

/** Runs one command line and resolves to its exit code. Never throws: what goes wrong is told to the person. */
export async function run(
  words: readonly string[],
  environment: Environment,
  services: Services = lazyServices,
): Promise<number> {
  let code: number = EXIT.ok;
  const program = buildProgram(environment, <Options>(command: Command, action: Action<Options>) => {
    command.action(async () => {
      const globals = globalsOf(command.optsWithGlobals(), environment);
      code = await action(command.opts() as Options, {
        environment,
        services,
        globals,
        command,
        screen: screenFor(environment, globals),
      });
    });
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode;
    }
    const globals = globalsOf(program.opts(), environment);
    reportError(error, globals, screenFor(environment, globals));
    return EXIT.error;
  }
}

function globalsOf(options: Partial<GlobalOptions>, environment: Environment): GlobalOptions {
  return {
    log: options.log ?? "text",
    color: options.color ?? true,
    debug: options.debug === true || environment.variables["PGHA_DEBUG"] === "1",
  };
}

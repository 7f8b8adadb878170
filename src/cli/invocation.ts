import type { Command } from "commander";
import type { Environment } from "./environment.ts";
import type { Screen } from "./screen.ts";
import type { Services } from "./services.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly log: "text" | "json";
  readonly color: boolean;
  readonly debug: boolean;
}

/** What one command is run with, besides its own options. */
export interface Invocation {
  readonly environment: Environment;
  readonly services: Services;
  readonly screen: Screen;
  readonly globals: GlobalOptions;
  /** The command as commander has it, for its words and its siblings. */
  readonly command: Command;
}

/** Runs a command to its exit code. */
export type Action<Options> = (options: Options, invocation: Invocation) => Promise<number>;

/** Gives a command its action; loads nothing before it runs. */
export type Attach = <Options>(command: Command, action: Action<Options>) => void;

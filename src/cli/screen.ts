import { stripVTControlCharacters } from "node:util";
import { jsonLog } from "../runtime/log.ts";
import type { Log } from "../runtime/log.ts";
import { styleFor } from "../text/style.ts";
import type { Style } from "../text/style.ts";
import type { Environment } from "./environment.ts";

/** What is printed to, with what it can do. */
export interface Screen {
  readonly style: Style;
  /** Width to lay text out for. */
  readonly columns: number;
  /** Standard output is a terminal: lines may be drawn over. */
  readonly isTerminal: boolean;
  /** A person sits at both ends: questions get answers. */
  readonly canAsk: boolean;
  /** Results, to standard output. */
  readonly print: (text: string) => void;
  /** Remarks and errors, to standard error; with --log json each is one object there. */
  readonly remark: (text: string) => void;
  /** Where events go with --log json; undefined without. */
  readonly log: Log | undefined;
}

export interface ScreenWishes {
  /** False with --no-color. */
  readonly color: boolean;
  readonly log: "text" | "json";
}

/** The screen for an environment. NO_COLOR (https://no-color.org), FORCE_COLOR and TERM=dumb are heeded. */
export function screenFor(environment: Environment, wishes: ScreenWishes): Screen {
  const { stdout, stderr, variables } = environment;
  const isTerminal = stdout.isTTY === true && variables["TERM"] !== "dumb";
  const write = (text: string): void => void stderr.write(text);
  const log = wishes.log === "json" ? jsonLog(write, environment.now) : undefined;
  return {
    style: styleFor(wishes.color && wantsColour(variables, isTerminal)),
    // Prose beyond this is hard to read; output that is no terminal gets a fixed width, so that it compares.
    columns: isTerminal ? Math.min(Math.max(knownColumns(stdout), 40), 140) : 120,
    isTerminal,
    canAsk: isTerminal && environment.stdin.isTTY === true,
    print: (text) => void stdout.write(text),
    remark: log === undefined ? write : (text) => log.info(asMessage(text)),
    log,
  };
}

function wantsColour(variables: Environment["variables"], isTerminal: boolean): boolean {
  if ((variables["NO_COLOR"] ?? "") !== "") {
    return false;
  }
  const force = variables["FORCE_COLOR"] ?? "";
  return force === "" ? isTerminal : force !== "0";
}

/** Some pseudo terminals say that they have no columns at all. */
function knownColumns({ columns }: Environment["stdout"]): number {
  return columns === undefined || columns === 0 ? 100 : columns;
}

/** What is laid out for people, as a message of a log. */
export function asMessage(text: string): string {
  return stripVTControlCharacters(text).trim();
}

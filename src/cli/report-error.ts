import { InvalidInputError, PghaError } from "../errors.ts";
import type { Problem } from "../errors.ts";
import { paragraph } from "../text/layout.ts";
import { printable } from "../text/printable.ts";
import { count } from "../text/words.ts";
import type { GlobalOptions } from "./invocation.ts";
import type { Screen } from "./screen.ts";

/** Tells a person (or, with --log json, a program) what went wrong and what to do. A stack only with --debug. */
export function reportError(error: unknown, { debug }: Pick<GlobalOptions, "debug">, screen: Screen): void {
  if (screen.log !== undefined) {
    const known =
      error instanceof PghaError ? { reason: error.reason, wayOut: error.wayOut } : { reason: "Unexpected" };
    screen.log.error(messageOf(error), { event: "error", ...known, ...(debug ? { stack: stackOf(error) } : {}) });
    return;
  }
  const lines =
    error instanceof InvalidInputError
      ? problemLines(error.problems, screen)
      : error instanceof PghaError
        ? knownLines(error, screen)
        : unexpectedLines(error, debug, screen);
  screen.remark(`${[...lines, ...(debug ? ["", printable(stackOf(error))] : [])].join("\n")}\n`);
}

/** Every problem of what a person wrote, each with where it is and the way out, below the resource it is in. */
export function problemLines(
  problems: readonly Problem[],
  { style, columns }: Pick<Screen, "style" | "columns">,
): readonly string[] {
  const resources = [...new Set(problems.map((problem) => problem.resource))];
  return [
    `${style.bad("error:")} ${count(problems.length, "problem")}; nothing was touched`,
    ...resources.flatMap((resource) => [
      "",
      style.bold(printable(resource)),
      ...problems
        .filter((problem) => problem.resource === resource)
        .flatMap((problem) => [
          ...paragraph(
            `${problem.path === "" ? "" : `${style.accent(printable(problem.path))}: `}${printable(problem.message)}`,
            2,
            columns,
          ),
          ...(problem.wayOut === undefined ? [] : paragraph(`way out: ${printable(problem.wayOut)}`, 6, columns)),
        ]),
    ]),
  ];
}

function knownLines(error: PghaError, { style, columns }: Screen): readonly string[] {
  const [first = "", ...rest] = paragraph(printable(error.message), 0, columns);
  return [
    `${style.bad("error:")} ${first}`,
    ...rest.map((line) => `  ${line}`),
    ...(error.wayOut === undefined ? [] : paragraph(`way out: ${printable(error.wayOut)}`, 2, columns)),
  ];
}

function unexpectedLines(error: unknown, debug: boolean, { style }: Screen): readonly string[] {
  return [
    `${style.bad("error:")} ${printable(messageOf(error))}`,
    ...(debug
      ? []
      : ["  pgha did not expect this. Run it again with --debug to see where it comes from, and please report that."]),
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`;
}

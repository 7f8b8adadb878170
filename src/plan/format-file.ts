import { structuredPatch } from "diff";
import { sha256 } from "../render/digest.ts";
import { octal } from "../text/octal.ts";
import { printable } from "../text/printable.ts";
import type { Style } from "../text/style.ts";
import { count } from "../text/words.ts";
import type { Plan, Step } from "./plan.ts";

/** changes: diffs of files that exist, one line for a new one. all: new files in full as well. none: neither. */
export type DiffMode = "changes" | "all" | "none";

/** What the hosts have now, by step id. A file that could not be read is not in it. */
export type CurrentContents = ReadonlyMap<string, string>;

/** Lines to show below each step that writes a file. What is secret is never shown, nor asked for. */
export function fileDetails(
  plan: Plan,
  mode: DiffMode,
  current: CurrentContents,
  style: Style,
): ReadonlyMap<string, readonly string[]> {
  const details = plan.steps.map(
    (step) => [step.id, mode === "none" ? [] : linesOf(step, mode, current.get(step.id), style)] as const,
  );
  return new Map(
    details
      .filter(([, lines]) => lines.length > 0)
      .map(([id, lines]) => [id, lines.map((line) => `      ${line}`.trimEnd())]),
  );
}

/** Steps whose diff needs the content the host has now: existing files with other content, and no secret in it. */
export function stepsToCompare(
  plan: Plan,
): readonly { readonly id: string; readonly host: string; readonly path: string }[] {
  return plan.steps.flatMap(({ id, host, change }) =>
    host !== undefined &&
    change.kind === "write-file" &&
    !change.file.secret &&
    change.before.kind === "file" &&
    change.before.sha256 !== sha256(change.file.content)
      ? [{ id, host, path: change.file.path }]
      : [],
  );
}

function linesOf({ change }: Step, mode: DiffMode, current: string | undefined, style: Style): readonly string[] {
  if (change.kind !== "write-file") {
    return [];
  }
  const { file, before } = change;
  const access = `${file.owner}:${file.group} ${octal(file.mode)}`;
  if (before.kind !== "file") {
    const lines = linesIn(file.content);
    const note = style.dim(
      `new file, ${count(lines.length, "line")}, ${access}${file.secret ? "; holds secrets, content not shown" : ""}`,
    );
    return mode === "all" && !file.secret ? [note, ...lines.map((line) => style.good(`+${printable(line)}`))] : [note];
  }
  const was = `${before.owner}:${before.group} ${octal(before.mode)}`;
  const accessNote = was === access ? [] : [style.dim(`${was} becomes ${access}`)];
  if (before.sha256 === sha256(file.content)) {
    return accessNote;
  }
  if (file.secret) {
    return [...accessNote, style.dim("holds secrets, content not shown")];
  }
  return [
    ...accessNote,
    ...(current === undefined
      ? [style.dim("its content on the host could not be read for a diff")]
      : diffLines(current, file.content, style)),
  ];
}

function diffLines(before: string, after: string, style: Style): readonly string[] {
  return structuredPatch("", "", before, after, "", "", { context: 3 }).hunks.flatMap((hunk) => [
    style.accent(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`),
    ...hunk.lines.map((line) => colourLine(printable(line), style)),
  ]);
}

function colourLine(line: string, style: Style): string {
  return line.startsWith("+") ? style.good(line) : line.startsWith("-") ? style.bad(line) : line;
}

function linesIn(content: string): readonly string[] {
  return content === "" ? [] : content.replace(/\n$/, "").split("\n");
}

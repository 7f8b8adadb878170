import type { Style } from "./style.ts";
import { padEnd, width } from "./layout.ts";

/** Rows in columns, two spaces apart. Columns that are empty in every row are left out, with their heading. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
  indent = 2,
): readonly string[] {
  const used = headings.map((_, column) => column).filter((column) => rows.some((row) => (row[column] ?? "") !== ""));
  const widths = used.map((column) =>
    Math.max(width(headings[column] ?? ""), ...rows.map((row) => width(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]): string =>
    (
      " ".repeat(indent) + used.map((column, place) => padEnd(cells[column] ?? "", widths[place] ?? 0)).join("  ")
    ).trimEnd();
  return [style.dim(line(headings)), ...rows.map((row) => line(row))];
}

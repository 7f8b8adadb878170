import type { Problem } from "../errors.ts";
import { shown } from "../api/shown.ts";
import { columnsFromHeader, columnsFromShape, isHeader } from "./columns.ts";
import type { Columns } from "./columns.ts";
import type { InventoryHost } from "./row.ts";

/** What a servers.tsv holds. With problems, nothing of it is to be used. */
export interface Inventory {
  readonly hosts: readonly InventoryHost[];
  /** Names of all columns, in lower case; empty when they are not known. */
  readonly columns: readonly string[];
  /** Undefined when the file has no column for it. */
  readonly hasEnv: boolean;
  readonly problems: readonly Problem[];
}

/** Reads a TAB separated inventory, with or without a header. `file` names it in messages. */
export function readInventory(text: string, file: string): Inventory {
  const rows = rowsOf(text);
  const [first, ...rest] = rows;
  const refuse = (line: number | undefined, message: string, wayOut: string): Problem => ({
    resource: file,
    path: line === undefined ? "" : `line ${line}`,
    message,
    wayOut,
  });
  const nothing = (problem: Problem): Inventory => ({ hosts: [], columns: [], hasEnv: false, problems: [problem] });
  if (text.includes("\0")) {
    return nothing(refuse(undefined, "is no UTF-8 text: it holds NUL characters, as UTF-16 does", "save it as UTF-8"));
  }
  if (first === undefined) {
    return nothing(
      refuse(
        undefined,
        "holds no hosts",
        "name the inventory: a TAB separated file with the columns HOSTNAME and IP_PRIVEE",
      ),
    );
  }
  const unseparated = rows.find(({ cells }) => cells.length === 1);
  if (unseparated !== undefined) {
    const seen = separatorSeen(unseparated.raw);
    return nothing(
      refuse(
        unseparated.line,
        `has no TAB${seen === undefined ? "" : `: the columns seem to be separated by ${seen}`}`,
        `save the file with TABs between the columns${unseparated === first ? "" : ", or comment the line out with #"}`,
      ),
    );
  }
  const headed = isHeader(first.cells);
  const columns = headed ? columnsFromHeader(first.cells) : columnsFromShape(first.cells);
  if (columns === undefined) {
    return nothing(
      refuse(
        first.line,
        "fits neither known layout: host name and private address are in columns 3 and 4, or 2 and 3",
        "add a header line with the names of the columns, HOSTNAME and IP_PRIVEE among them",
      ),
    );
  }
  if ("message" in columns) {
    return nothing(refuse(first.line, `the header ${columns.message}`, columns.wayOut));
  }
  const hosts: InventoryHost[] = [];
  const problems: Problem[] = [];
  for (const { line, cells } of headed ? rest : rows) {
    if (isHeader(cells)) {
      problems.push(refuse(line, "is a second header", "remove it, or split the file in two"));
    } else if ((cells[columns.name] ?? "") === "") {
      problems.push(
        refuse(
          line,
          `has no host name in column ${columns.name + 1}`,
          "fill it in, look for a TAB too many, or comment the line out with #",
        ),
      );
    } else if (!headed && columnsFromShape(cells)?.name !== columns.name) {
      problems.push(
        refuse(
          line,
          `is laid out differently from line ${first.line}: ${shown(cells.slice(0, 4).join(" | "))}`,
          "add a header line with the names of the columns, or comment the line out with #",
        ),
      );
    } else {
      hosts.push(hostOf(line, cells, columns));
    }
  }
  if (hosts.length === 0 && problems.length === 0) {
    problems.push(refuse(undefined, "has a header and no hosts", "name an inventory with hosts in it"));
  }
  return { hosts, columns: columns.names.filter((name) => name !== ""), hasEnv: columns.env >= 0, problems };
}

interface Row {
  readonly line: number;
  readonly raw: string;
  readonly cells: readonly string[];
}

/**
 * Lines that are not blank and no comments, as cells without stray spaces and quotes. A header may be commented out.
 */
function rowsOf(text: string): readonly Row[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .map((raw, index) => ({ line: index + 1, raw, cells: cellsOf(raw.replace(/^\s*#\s*(?=ENV\t)/i, "")) }))
    .filter(({ cells }) => cells.some((cell) => cell !== "") && !(cells[0] ?? "").startsWith("#"));
}

function cellsOf(line: string): readonly string[] {
  return line.split("\t").map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, "$1")
      .trim(),
  );
}

function separatorSeen(line: string): string | undefined {
  const seen = [
    [";", "semicolons"],
    [",", "commas"],
    ["|", "bars"],
  ].find(([sign = ""]) => line.split(sign).length > 3)?.[1];
  return seen ?? (/\S\s+\S+\s+\S/.test(line) ? "spaces" : undefined);
}

function hostOf(line: number, cells: readonly string[], columns: Columns): InventoryHost {
  const at = (index: number): string => cells[index] ?? "";
  return {
    line,
    name: at(columns.name),
    address: at(columns.address),
    env: columns.env < 0 ? undefined : at(columns.env),
    user: at(columns.user),
    cells: new Map(columns.names.flatMap((name, index) => (name === "" ? [] : [[name, at(index)] as const]))),
  };
}

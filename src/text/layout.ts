import { stripVTControlCharacters } from "node:util";

/** Columns the text takes on screen, colour codes not counted. */
export function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - width(text)));
}

/** Breaks text at spaces so that no line is longer than `columns`, unless one word alone is. Line ends in it stay. */
export function wrap(text: string, columns: number): readonly string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, columns));
}

function wrapLine(line: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && width(current) + 1 + width(word) > columns) {
      lines.push(current);
      current = word;
    } else {
      current = current === "" ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}

/** The same, each line indented. */
export function paragraph(text: string, indent: number, columns: number): readonly string[] {
  return wrap(text, Math.max(20, columns - indent)).map((line) => (line === "" ? "" : " ".repeat(indent) + line));
}

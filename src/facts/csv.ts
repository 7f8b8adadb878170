/** Rows of a CSV text with a header line (RFC 4180 quoting), each as column name to value. */
export function parseCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const [header, ...rows] = cells(text);
  if (header === undefined) {
    return [];
  }
  return rows
    .filter((row) => row.length > 1 || row[0] !== "")
    .map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ""])));
}

function cells(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain?.replace(/\r$/, "") ?? "");
    if (end !== ",") {
      rows.push([]);
    }
  }
  return rows.filter((row) => row.length > 0);
}

import { refuseFaults } from "./refusal.ts";

/**
 * A name as an SQL identifier, always in double quotes, so that it is that name whatever is in it. psql does not look
 * for variables or backslash commands inside quotes
 * (https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-INTERPOLATION). Throws InvalidInputError for what
 * PostgreSQL could not take whole: it would cut a longer name to 63 bytes and mean another object.
 */
export function quoteIdentifier(name: string): string {
  refuseFaults("SQL", [["identifier", identifierFault(name)]]);
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A text as an SQL literal. With a backslash in it, it becomes E'...', which means the same whatever
 * standard_conforming_strings says (https://www.postgresql.org/docs/current/sql-syntax-lexical.html).
 */
export function quoteLiteral(text: string): string {
  refuseFaults("SQL", [["literal", unicodeFault(text)]]);
  const doubled = text.replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

function identifierFault(name: string): string | undefined {
  if (name === "") return "is empty";
  return Buffer.byteLength(name) > 63 ? "is longer than 63 bytes" : unicodeFault(name);
}

function unicodeFault(text: string): string | undefined {
  if (text.includes("\0")) return "has a NUL character";
  return text.isWellFormed() ? undefined : "has half of a surrogate pair";
}

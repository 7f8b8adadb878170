/**
 * Why PostgreSQL would not take a regular expression, as far as that can be told without it:
 * https://www.postgresql.org/docs/current/functions-matching.html#POSIX-SYNTAX-DETAILS. Where it is unsure it lets
 * pass, since each member is asked afterwards what it made of the line.
 */
export function patternFault(expression: string): string | undefined {
  if (expression.startsWith("***=")) return undefined;
  const written = expression.replace(/^\*\*\*:/, "").replace(/^\(\?[a-z]+\)/, "");
  const unknown = /^(?:[^\\]|\\[^\p{L}])*(\\\p{L})/u.exec(withoutKnownEscapes(written))?.[1];
  if (unknown !== undefined) return `has the escape ${unknown}, which PostgreSQL does not know`;
  // Before a digit a brace is a bound, elsewhere it stands for itself.
  if (/\{(?=[0-9])(?![0-9]+(?:,[0-9]*)?\})/.test(written.replaceAll(/\\./g, "-")))
    return "has a brace without its partner";
  try {
    new RegExp(comparable(written));
    return undefined;
  } catch (error) {
    return `is not one (${(error as Error).message.replace(/^Invalid regular expression: .*: /, "").toLowerCase()})`;
  }
}

/** Escapes of PostgreSQL, among them those of places in words, which JavaScript has not. */
function withoutKnownEscapes(written: string): string {
  return written.replaceAll(
    /\\(?:\\|[abBefnrtvdswDSWAmMyYZ0-9]|c.|x[0-9a-fA-F]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/g,
    "-",
  );
}

/**
 * The same shape in JavaScript's syntax: classes in brackets are letters there, and places in words stand for nothing.
 */
function comparable(written: string): string {
  return written
    .replaceAll(/\[([:.=])[^\]]*?\1\]/g, "a")
    .replaceAll(/\\[AmMyYZ]/g, "(?:)")
    .replaceAll(/\\[1-9][0-9]?/g, "a");
}

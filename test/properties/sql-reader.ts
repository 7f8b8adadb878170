/** One token of SQL: what PostgreSQL's lexer makes of it, with quotes taken off. */
export interface SqlToken {
  readonly kind: "identifier" | "literal" | "word" | "meta" | "symbol";
  readonly text: string;
}

/**
 * Reads SQL the way psql and PostgreSQL's lexer do, far enough for what pgha writes, and written against the manual
 * (https://www.postgresql.org/docs/current/sql-syntax-lexical.html) without a look at the renderer. A variable or a
 * comment outside quotes throws: pgha writes none, so it would be injected.
 */
export function readSql(script: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(script) ?? undefined;
    if (found !== undefined) at += found[0].length;
    return found;
  };
  while (at < script.length) {
    const rest = script.slice(at, at + 2);
    if (take(/\s+/y)) continue;
    if (rest.startsWith("--") || rest.startsWith("/*") || rest.startsWith(":") || rest.startsWith("$"))
      throw new Error(`a comment, variable or dollar quote at ${at}`);
    const identifier = take(/"((?:[^"]|"")*)"/y);
    const literal = identifier ?? take(/[eE]'((?:[^'\\]|''|\\[^])*)'/y);
    const plain = literal ?? take(/'((?:[^']|'')*)'/y);
    const found = plain ?? take(/\\[a-z]+[^\n]*/y) ?? take(/[A-Za-z_][A-Za-z0-9_.]*|-?\d+/y) ?? take(/[;(),=]/y);
    if (found === undefined)
      throw new Error(`nothing that SQL knows at ${at}: ${JSON.stringify(script.slice(at, at + 20))}`);
    tokens.push(tokenOf(found[0], found[1] ?? ""));
  }
  return tokens;
}

function tokenOf(whole: string, inner: string): SqlToken {
  if (whole.startsWith('"')) return { kind: "identifier", text: inner.replaceAll('""', '"') };
  if (/^[eE]'/.test(whole))
    return {
      kind: "literal",
      text: inner.replaceAll(/''|\\([^])/g, (pair, escaped: string | undefined) =>
        pair === "''" ? "'" : unescaped(escaped ?? ""),
      ),
    };
  if (whole.startsWith("'")) return { kind: "literal", text: inner.replaceAll("''", "'") };
  if (whole.startsWith("\\")) return { kind: "meta", text: whole };
  return { kind: /^[A-Za-z_]/.test(whole) ? "word" : "symbol", text: whole };
}

function unescaped(character: string): string {
  const known: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
  if (/[0-7xuU]/.test(character)) throw new Error("a numeric escape, which pgha never writes");
  return known[character] ?? character;
}

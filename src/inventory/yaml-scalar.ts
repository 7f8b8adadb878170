import { CORE_SCHEMA, loadAll, YAML11_SCHEMA } from "js-yaml";

/**
 * A string as a YAML scalar, for use inside `{...}` and `[...]`: plain where no reader can take it for anything else,
 * else quoted.
 */
export function yamlScalar(text: string): string {
  return /^[A-Za-z0-9/][-A-Za-z0-9_./+=]*( [-A-Za-z0-9_./+=]+)*$/.test(text) && readsAsItself(text)
    ? text
    : JSON.stringify(text).replaceAll(/[\u007f-\u{10ffff}]/gu, escape);
}

/** yes, on, 0x10, 1_000, 2001-01-01, 12:30 are no strings to YAML 1.1, and 1e3 is none to YAML 1.2. */
function readsAsItself(text: string): boolean {
  return [CORE_SCHEMA, YAML11_SCHEMA].every((schema) => loadAll(text, { schema })[0] === text);
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

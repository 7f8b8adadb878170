import { readAddress } from "./address.ts";
import type { HbaAddress } from "./address.ts";
import { fieldsOf } from "./fields.ts";
import type { HbaField } from "./fields.ts";
import { readOptions } from "./options.ts";
import type { HbaOptions } from "./options.ts";
import { patternFault } from "./pattern.ts";
import { HBA_METHODS, HBA_TYPES } from "./words.ts";
import type { HbaMethod, HbaType } from "./words.ts";

/** One rule, as PostgreSQL understands it. */
export interface HbaLine {
  readonly type: HbaType;
  readonly databases: HbaField;
  readonly users: HbaField;
  /** Undefined for `local`. */
  readonly address: HbaAddress | undefined;
  readonly method: HbaMethod;
  readonly options: HbaOptions;
}

/**
 * Reads a line as parse_hba_line in src/backend/libpq/hba.c does, or says why PostgreSQL of that major version would
 * not. https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
 */
export function readHbaLine(line: string, version: number): { readonly line: HbaLine } | { readonly fault: string } {
  if (/\\\s*$/.test(line)) return { fault: "ends with a backslash, which would join it with the line behind it" };
  const fields = fieldsOf(line);
  if (fields === undefined) return { fault: "has a quotation mark without its partner" };
  const refused = fields.flat().find(({ text, quoted }) => !quoted && text.startsWith("@") && text.length > 1);
  if (fields.length === 0) return { fault: "is a comment, which has its place in the manifest itself" };
  const [typeField, databases, users, ...rest] = fields;
  const type = typeField?.[0]?.text ?? "";
  if (refused !== undefined || type.startsWith("include"))
    return { fault: "refers to another file, which nobody has checked" };
  if (!isType(type) || typeField?.length !== 1)
    return { fault: `begins with ${JSON.stringify(type)} instead of ${HBA_TYPES.join(", ")}` };
  if (databases === undefined) return { fault: "ends before the database" };
  if (users === undefined) return { fault: "ends before the role" };
  const pattern = [...databases, ...users].map((word) => wordFault(word, version)).find((fault) => fault !== undefined);
  if (pattern !== undefined) return { fault: pattern };
  const read = type === "local" ? { address: undefined, taken: 0 } : readAddress(rest);
  if ("fault" in read) return read;
  const [methodField, ...optionFields] = rest.slice(read.taken);
  const method = methodField?.[0]?.text;
  if (method === undefined) return { fault: "has too few fields: it ends before the method" };
  if (methodField?.length !== 1) return { fault: "has several methods" };
  const fault = methodFault(type, method, version);
  if (fault !== undefined || !isMethod(method)) return { fault: fault ?? "" };
  const options = readOptions(optionFields, { type, method, version });
  if ("fault" in options) return options;
  return { line: { type, databases, users, address: read.address, method, ...options } };
}

/** From 16 on a word that begins with a slash is a regular expression, in quotation marks as well. */
function wordFault({ text, quoted }: HbaField[number], version: number): string | undefined {
  if (!text.startsWith("/") || (quoted && version < 16)) return undefined;
  if (version < 16)
    return `has ${text}, which is no regular expression before PostgreSQL 16 but a name; quote it if it is one`;
  const fault = patternFault(text.slice(1));
  return fault === undefined ? undefined : `has the regular expression ${text}, which ${fault}`;
}

function methodFault(type: HbaType, method: string, version: number): string | undefined {
  if (!isMethod(method) || (method === "oauth" && version < 18))
    return `has ${JSON.stringify(method)} where the method is expected`;
  if (method === "sspi" || method === "bsd") return `uses ${method}, which Debian's PostgreSQL does not have`;
  if (method === "peer" && type !== "local")
    return "uses peer, which only local lines can: it asks the kernel of the same host";
  if (method === "gss" && type === "local") return "uses gss, which local lines can't";
  if (method === "cert" && type !== "hostssl") return "uses cert, which only hostssl lines can";
  return undefined;
}

function isType(text: string): text is HbaType {
  return (HBA_TYPES as readonly string[]).includes(text);
}

function isMethod(text: string): text is HbaMethod {
  return (HBA_METHODS as readonly string[]).includes(text);
}

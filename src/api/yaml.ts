import { boolYaml11Tag, CORE_SCHEMA, defineScalarTag, intCoreTag, loadAll, mergeTag, YAMLException } from "js-yaml";
import type { Problem } from "../errors.ts";

/** The documents of one file: JSON values of a bounded size, or what is wrong with the file. */
export interface Documents {
  readonly documents: readonly unknown[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the YAML (or JSON) documents of a text. Empty documents are skipped. Words such as `on` and `yes` are booleans,
 * as kubectl reads them, so that a file means the same here and there.
 */
export function readDocuments(text: string, fileName: string): Documents {
  if (text.length > LARGEST_TEXT) {
    return broken(fileName, `is ${Math.ceil(text.length / 1024 / 1024)} MB long`, "pgha reads files of up to 4 MB");
  }
  let documents: readonly unknown[];
  try {
    documents = loadAll(text, { schema: KUBECTL_LIKE, maxAliases: 1000, maxDepth: DEEPEST }).filter(
      (document) => document !== null && document !== undefined,
    );
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const place =
      error.mark === undefined
        ? lineOfOctal(text, error.reason)
        : ` in line ${error.mark.line + 1}, column ${error.mark.column + 1}`;
    return broken(
      fileName,
      `is not valid YAML: ${withoutContent(error.reason)}${place}`,
      WAYS_OUT[error.reason] ?? "mend the file there; an editor with YAML support shows the place",
    );
  }
  const large = documents.findIndex((document) => !isBounded(document));
  if (large >= 0) {
    return broken(
      fileName,
      `is too large or refers to itself once its aliases (*name) are put in, in document ${large + 1}`,
      "write it without aliases",
    );
  }
  return { documents, problems: [] };
}

const OCTAL = "a number that starts with 0";

/** 0640 is 640 by YAML 1.2 and 416 to kubectl, which sends that to the API server. */
const plainInteger = defineScalarTag(intCoreTag.tagName, {
  ...intCoreTag,
  resolve: (source, isExplicit, tagName) => {
    if (/^[-+]?0[0-9]+$/.test(source)) throw new YAMLException(OCTAL);
    return intCoreTag.resolve(source, isExplicit, tagName);
  },
});

const KUBECTL_LIKE = CORE_SCHEMA.withTags(mergeTag, boolYaml11Tag, plainInteger);
const LARGEST_TEXT = 4 * 1024 * 1024;
const DEEPEST = 50;
const MOST_VALUES = 200_000;

const WAYS_OUT: Readonly<Record<string, string>> = {
  "duplicated mapping key": "keep one of the two, since only one can hold",
  [OCTAL]: "kubectl reads it as octal: write it in quotes ('0640') for a mode, or without the 0 for a decimal number",
};

/** The parser does not say where it met a scalar. */
function lineOfOctal(text: string, reason: string): string {
  const line = text.split("\n").findIndex((each) => /(^|[:,[{-])\s+[-+]?0[0-9]+\s*([,}\]#]|$)/.test(each));
  return reason !== OCTAL || line < 0 ? "" : ` in line ${line + 1}`;
}

/** True when a walk over the value ends soon: aliases can make a small file a tree without end. */
export function isBounded(value: unknown): boolean {
  let left = MOST_VALUES;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    left -= level.length;
    if (depth > DEEPEST || left < 0) return false;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== "object" || item === null) continue;
      const children: readonly unknown[] = Object.values(item);
      if (next.length + children.length > left) return false;
      next.push(...children);
    }
    level = next;
  }
  return true;
}

/** YAML's own words quote names from the file, which may be a piece of a password. The place is enough. */
function withoutContent(reason: string): string {
  return reason.replaceAll(/\s*("[^"]*"?|!<[^>]*>?|'[^']*'?)/g, "");
}

function broken(fileName: string, message: string, wayOut: string): Documents {
  return { documents: [], problems: [{ resource: fileName, path: "", message, wayOut }] };
}

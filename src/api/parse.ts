import type { Problem } from "../errors.ts";
import { API_VERSION, GROUP, SPEC_SCHEMAS, type Kind, type Resource } from "./kinds.ts";
import { mend, type Mended } from "./mend.ts";
import { checkSchema } from "./schema-check.ts";
import { schemaProblems } from "./schema-problems.ts";
import { readSecret, type SecretDocument } from "./secret-document.ts";
import { article, shown, shownName } from "./shown.ts";
import { closest } from "./suggest.ts";
import { isBounded, readDocuments } from "./yaml.ts";

/**
 * What a text or a value held. `resources` are sound by themselves; whether they fit together is validate's question.
 */
export interface Parsed {
  readonly resources: readonly Resource[];
  readonly secrets: readonly SecretDocument[];
  readonly problems: readonly Problem[];
  /** Resources with problems, patched up so that validate can look for more of them. Never to be acted on. */
  readonly mended: readonly Mended[];
}

/** Reads every document of a text. Problems are collected, not thrown: a person wants to see them all. */
export function parseDocuments(text: string, fileName: string): Parsed {
  const { documents, problems } = readDocuments(text, fileName);
  const parts = documents.map((document, index) =>
    parseValue(document, documents.length === 1 ? fileName : `${fileName} document ${index + 1}`),
  );
  return merge([{ ...NOTHING, problems }, ...parts]);
}

/** Reads one JSON value, e.g. a resource from the API server. `place` names it where it has no name. Never throws. */
export function parseValue(value: unknown, place: string): Parsed {
  const refuse = (path: string, message: string, wayOut: string): Parsed => ({
    ...NOTHING,
    problems: [{ resource: place, path, message, wayOut }],
  });
  if (!isBounded(value)) return refuse("", "is too large or refers to itself", "write less");
  if (!isMap(value))
    return refuse("", `is ${article(value)}, not a resource`, "begin with apiVersion, kind, metadata and spec");
  const { kind } = value;
  if (kind === "Secret") {
    const { secret, problems } = readSecret(value, place);
    return { ...NOTHING, secrets: secret === undefined ? [] : [secret], problems };
  }
  if (kind === "List" && Array.isArray(value["items"]))
    return merge(value["items"].map((item, index) => parseValue(item, `${place} item ${index + 1}`)));
  if (isKind(kind)) return parseResource(kind, value, place);
  if (kind === undefined || kind === null)
    return refuse("kind", "is missing", `write one of ${KINDS.join(", ")} or Secret`);
  const meant = typeof kind === "string" ? closest(kind, [...KINDS, "Secret"]) : undefined;
  const foreign = value["apiVersion"] === API_VERSION ? `${GROUP} has no such kind` : "which pgha does not read";
  return refuse(
    "kind",
    `is ${shown(kind)}: ${foreign}`,
    meant === undefined
      ? `keep only ${KINDS.join(", ")} and Secret in what is given to pgha`
      : `did you mean ${meant}?`,
  );
}

function parseResource(kind: Kind, document: Readonly<Record<string, unknown>>, place: string): Parsed {
  const { value, errors } = checkSchema(kind, document);
  if (errors.length === 0) return { ...NOTHING, resources: [value as Resource] };
  const mended = mend(kind, value, errors);
  return {
    ...NOTHING,
    problems: schemaProblems(nameOf(kind, document, place), value, errors),
    mended: mended === undefined ? [] : [mended],
  };
}

/** All that several texts or values held, in their order. */
export function merge(parts: readonly Parsed[]): Parsed {
  return {
    resources: parts.flatMap((part) => part.resources),
    secrets: parts.flatMap((part) => part.secrets),
    problems: parts.flatMap((part) => part.problems),
    mended: parts.flatMap((part) => part.mended),
  };
}

const NOTHING: Parsed = { resources: [], secrets: [], problems: [], mended: [] };
const KINDS = Object.keys(SPEC_SCHEMAS) as readonly Kind[];

function nameOf(kind: Kind, document: Readonly<Record<string, unknown>>, place: string): string {
  const { metadata } = document;
  const name = isMap(metadata) ? metadata["name"] : undefined;
  return typeof name === "string" && name !== "" ? `${kind}/${shownName(name)}` : `${place} (${kind})`;
}

function isKind(kind: unknown): kind is Kind {
  return typeof kind === "string" && Object.hasOwn(SPEC_SCHEMAS, kind);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

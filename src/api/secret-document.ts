import type { Problem } from "../errors.ts";
import type { Metadata } from "./kinds.ts";
import { shown, shownName } from "./shown.ts";

/**
 * A Kubernetes Secret as it stands in a file. What is in it is judged where credentials are made; here only its shape.
 */
export interface SecretDocument {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: Metadata;
  readonly type?: string;
  readonly immutable?: boolean;
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** Values as they are; they win over `data`. */
  readonly stringData?: Readonly<Record<string, string>>;
}

/** Reads a Secret, or says why it is none. No value of it ever gets into a message. */
export function readSecret(
  value: Readonly<Record<string, unknown>>,
  place: string,
): { readonly secret?: SecretDocument; readonly problems: readonly Problem[] } {
  const metadata = value["metadata"];
  const name = isMap(metadata) ? metadata["name"] : undefined;
  const resource = typeof name === "string" ? `Secret/${shownName(name)}` : place;
  const problems: Problem[] = [];
  const add = (path: string, message: string, wayOut: string) => problems.push({ resource, path, message, wayOut });
  if (typeof name !== "string" || !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) || name.length > 253) {
    add(
      "metadata.name",
      name === undefined ? "is missing" : `is ${shown(name)}`,
      "write lower-case letters, digits, hyphens and dots",
    );
  }
  if (value["apiVersion"] !== "v1") add("apiVersion", `is ${shown(value["apiVersion"])}`, "write v1");
  if (value["type"] !== undefined && typeof value["type"] !== "string")
    add("type", "is not text", "write kubernetes.io/basic-auth, kubernetes.io/ssh-auth or Opaque");
  for (const field of ["data", "stringData"] as const) {
    const entries = value[field] ?? {};
    if (!isMap(entries)) {
      add(field, "is not a map", "write one entry a line");
      continue;
    }
    for (const [key, entry] of Object.entries(entries)) {
      if (typeof entry !== "string") add(`${field}.${shownName(key)}`, "is not text", "put the value in quotes");
    }
  }
  return problems.length === 0 ? { secret: value as unknown as SecretDocument, problems } : { problems };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

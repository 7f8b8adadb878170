import type { Problem } from "../errors.ts";
import { SPEC_SCHEMAS } from "./kinds.ts";
import type { Resource } from "./kinds.ts";
import type { Schema } from "./schema.ts";
import { validateUpdate } from "./validate.ts";

type Document = Readonly<Record<string, unknown>>;

/**
 * What of a spec can't be changed later: every field with a rule about a change, found in the schema that gives the API
 * server those rules. Items of lists are left out: hosts come and go, and each is recorded with its address.
 */
export function lastingOf(resource: Resource): Document {
  return (lasting(SPEC_SCHEMAS[resource.kind], resource.spec) ?? {}) as Document;
}

/** What must stay as it was last applied, and does not, in the words of the API server. */
export function brokenLasting(applied: Document, resource: Resource): readonly Problem[] {
  // The rules about a change are handed no more of the spec before than they ask for.
  return validateUpdate({ ...resource, spec: applied } as unknown as Resource, resource);
}

function lasting(schema: Schema, value: unknown): unknown {
  const rules = (schema.rules ?? []).filter(({ transition }) => transition);
  if (!("properties" in schema)) return rules.length > 0 ? value : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map(Object.entries(value));
  const named = new Set(rules.map(({ fieldPath }) => fieldPath?.slice(1)));
  const kept = Object.entries(schema.properties).flatMap(([name, field]) => {
    const one = named.has(name) ? fields.get(name) : lasting(field, fields.get(name));
    return one === undefined ? [] : [[name, one] as const];
  });
  // An object whose optional field can't come later is kept without it, too.
  return kept.length > 0 || rules.length > 0 ? Object.fromEntries(kept) : undefined;
}

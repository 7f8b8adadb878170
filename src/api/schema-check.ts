import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { API_VERSION, SPEC_SCHEMAS, type Kind } from "./kinds.ts";
import { metadataName } from "./root-schema.ts";
import type { Schema } from "./schema.ts";

/** A resource whose shape was checked. `value` is a copy, with defaults; use it only when there are no errors. */
export interface SchemaCheck {
  readonly value: unknown;
  readonly errors: readonly ErrorObject[];
}

/** Checks one resource against its kind's schema and fills in defaults, as the API server would with strict field validation. */
export function checkSchema(kind: Kind, resource: unknown): SchemaCheck {
  const value = withoutNulls(resource);
  const validator = validatorOf(kind);
  validator(value);
  return { value, errors: validator.errors ?? [] };
}

const validators = new Map<Kind, ValidateFunction>();

/** Compiled when first needed: commands that read no manifest do not pay for it. */
function validatorOf(kind: Kind): ValidateFunction {
  const known = validators.get(kind);
  if (known !== undefined) return known;
  // The schemas are ours and never change, so they are not checked against JSON Schema's own each time.
  const ajv = new Ajv({ allErrors: true, useDefaults: true, verbose: true, strict: false, validateFormats: false, meta: false, validateSchema: false });
  const made = ajv.compile({
    type: "object",
    required: ["apiVersion", "kind", "metadata", "spec"],
    additionalProperties: false,
    properties: {
      apiVersion: { const: API_VERSION },
      kind: { const: kind },
      metadata,
      spec: toJsonSchema(SPEC_SCHEMAS[kind]),
      // Written by pgha alone and guarded by the CRD; an older or newer pgha may have written more.
      status: { type: "object" },
    },
  });
  validators.set(kind, made);
  return made;
}

const stringMap = { type: "object", additionalProperties: { type: "string" } };
const metadata = {
  type: "object",
  required: ["name"],
  additionalProperties: false,
  properties: {
    name: metadataName,
    namespace: { ...metadataName, maxLength: 63, description: "Namespace of the resource." },
    labels: stringMap,
    annotations: stringMap,
    generateName: { type: "string" },
    uid: { type: "string" },
    resourceVersion: { type: "string" },
    generation: { type: "integer" },
    creationTimestamp: { type: "string" },
    deletionTimestamp: { type: "string" },
    deletionGracePeriodSeconds: { type: "integer" },
    finalizers: { type: "array", items: { type: "string" } },
    ownerReferences: { type: "array" },
    managedFields: { type: "array" },
    selfLink: { type: "string" },
  },
};

/** JSON Schema from ours: closed objects, and no keywords that only Kubernetes knows. Descriptions stay for messages. */
function toJsonSchema(schema: Schema): object {
  if ("x-kubernetes-int-or-string" in schema) {
    return { type: ["integer", "string"], maxLength: schema.maxLength, description: schema.description };
  }
  const { rules: _, ...keywords } = schema;
  if ("properties" in schema) {
    const properties = Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, toJsonSchema(field)]));
    return { ...keywords, properties, additionalProperties: false };
  }
  if ("additionalProperties" in schema) return { ...keywords, additionalProperties: toJsonSchema(schema.additionalProperties) };
  if ("items" in schema) return { ...keywords, items: toJsonSchema(schema.items) };
  return keywords;
}

/** A field with nothing behind its colon is a field that was left out, as the API server sees it. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && field !== undefined)
      .map(([name, field]) => [name, withoutNulls(field)]),
  );
}

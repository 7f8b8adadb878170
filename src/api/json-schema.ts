import { API_VERSION, SPEC_SCHEMAS, type Kind } from "./kinds.ts";
import { metadataName } from "./root-schema.ts";
import type { Schema } from "./schema.ts";

/** JSON Schema of a whole resource of this kind. */
export function jsonSchemaOf(kind: Kind): object {
  return {
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
  };
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

/**
 * JSON Schema from ours: closed objects, and no keywords that only Kubernetes knows. Descriptions stay for messages.
 */
function toJsonSchema(schema: Schema): object {
  if ("x-kubernetes-int-or-string" in schema) {
    return { type: ["integer", "string"], maxLength: schema.maxLength, description: schema.description };
  }
  const { rules: _, ...keywords } = schema;
  if ("properties" in schema) {
    const properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, field]) => [name, toJsonSchema(field)]),
    );
    return { ...keywords, properties, additionalProperties: false };
  }
  if ("additionalProperties" in schema)
    return { ...keywords, additionalProperties: toJsonSchema(schema.additionalProperties) };
  if ("items" in schema) return { ...keywords, items: toJsonSchema(schema.items) };
  return keywords;
}

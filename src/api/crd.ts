import { GROUP, VERSION, type Kind } from "./kinds.ts";
import { KIND_NAMES } from "./printer-columns.ts";
import { metadataName, rootSchema } from "./root-schema.ts";
import { celMessage, type Rule } from "./rule.ts";
import type { Schema } from "./schema.ts";

/**
 * The CustomResourceDefinition of a kind.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
export function customResourceDefinition(kind: Kind): object {
  const { plural, singular, shortNames, columns } = KIND_NAMES[kind];
  const root = asOpenApi(rootSchema(kind));
  const { description, properties, ...rest } = root;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}`, labels: { "app.kubernetes.io/name": "pgha" } },
    spec: {
      group: GROUP,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories: ["pgha"] },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              description,
              ...rest,
              properties: {
                apiVersion: { type: "string", description: `Always ${GROUP}/${VERSION}.` },
                kind: { type: "string", description: `Always ${kind}.` },
                metadata: { type: "object", properties: { name: asOpenApi(metadataName) } },
                ...(properties as object),
              },
            },
          },
        },
      ],
    },
  };
}

/** The schema in the words of OpenAPI: rules become CEL, and what only our messages use is left out. */
function asOpenApi(schema: Schema): Readonly<Record<string, unknown>> {
  const { rules, ...keywords } = schema;
  const written = Object.fromEntries(Object.entries(keywords).filter(([keyword]) => keyword !== "wants"));
  const validations =
    rules === undefined || rules.length === 0 ? {} : { "x-kubernetes-validations": rules.map(asValidation) };
  if ("properties" in schema) {
    const properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, field]) => [name, asOpenApi(field)]),
    );
    const fallback = schema.default === undefined ? {} : { default: fullDefault(schema) };
    return { ...written, ...fallback, ...validations, properties };
  }
  if ("items" in schema) return { ...written, ...validations, items: asOpenApi(schema.items) };
  if ("additionalProperties" in schema)
    return { ...written, ...validations, additionalProperties: asOpenApi(schema.additionalProperties) };
  return { ...written, ...validations };
}

/**
 * The API server judges a default by the rules before it fills in the defaults inside, so it is written out in full.
 */
function fullDefault(schema: Schema): unknown {
  if (!("properties" in schema)) return "default" in schema ? schema.default : undefined;
  if (schema.default === undefined) return undefined;
  const fields = Object.entries(schema.properties).map(([name, field]) => [name, fullDefault(field)] as const);
  return Object.fromEntries(fields.filter(([, fallback]) => fallback !== undefined));
}

function asValidation(about: Rule): object {
  return {
    rule: about.cel,
    message: celMessage(about),
    ...(about.fieldPath === undefined ? {} : { fieldPath: about.fieldPath }),
  };
}

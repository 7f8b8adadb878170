import type { Kind } from "./kinds.ts";
import { rootSchema } from "./root-schema.ts";
import type { Schema } from "./schema.ts";

/**
 * Every field of a kind's spec or status as Markdown: a table for the plain ones, then a table for each that has fields
 * inside.
 */
export function fieldReference(kind: Kind, part: "spec" | "status"): string {
  const schema = rootSchema(kind).properties[part];
  if (schema === undefined || !("properties" in schema)) return "";
  const fields = Object.entries(schema.properties);
  const required = new Set(schema.required ?? []);
  const plain = fields.filter(([, field]) => !hasFields(field));
  const nested = fields.filter(([, field]) => hasFields(field));
  const first = table(plain.flatMap(([name, field]) => rows(name, field, required.has(name))));
  const rest = nested.map(([name, field]) => {
    const heading = `#### ${part}.${name}\n\n${field.description}${required.has(name) ? " Required." : ""}`;
    return `${heading}\n\n${table(rowsInside(name, field))}`;
  });
  return [first, ...rest].join("\n\n");
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly fallback: string;
  readonly description: string;
}

function rows(path: string, schema: Schema, required: boolean): readonly Row[] {
  return [
    {
      path,
      type: typeOf(schema),
      fallback: required ? "required" : defaultOf(schema),
      description: schema.description,
    },
    ...rowsInside(path, schema),
  ];
}

function rowsInside(path: string, schema: Schema): readonly Row[] {
  if ("items" in schema) return rowsInside(`${path}[]`, schema.items);
  if (!("properties" in schema)) return [];
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties).flatMap(([name, field]) =>
    rows(`${path}.${name}`, field, required.has(name)),
  );
}

function hasFields(schema: Schema): boolean {
  return "properties" in schema || ("items" in schema && hasFields(schema.items));
}

function typeOf(schema: Schema): string {
  if ("x-kubernetes-int-or-string" in schema) return "whole number or text";
  switch (schema.type) {
    case "string":
      return schema.enum === undefined
        ? (schema.format ?? "text")
        : schema.enum.map((choice) => `\`${choice}\``).join(", ");
    case "integer":
      return schema.minimum === undefined || schema.maximum === undefined
        ? "whole number"
        : `${schema.minimum} to ${schema.maximum}`;
    case "boolean":
      return "true, false";
    case "array":
      return hasFields(schema) ? "list" : `list of ${typeOf(schema.items)}`;
    case "object":
      return "map";
  }
}

function defaultOf(schema: Schema): string {
  const fallback = "default" in schema ? schema.default : undefined;
  if (fallback === undefined || typeof fallback === "object") return "";
  return `\`${String(fallback)}\``;
}

function table(all: readonly Row[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
  const lines = all.map(
    ({ path, type, fallback, description }) => `| \`${path}\` | ${cell(type)} | ${fallback} | ${cell(description)} |`,
  );
  return ["| Field | Type | Default | Meaning |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

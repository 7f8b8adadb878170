import type { ErrorObject } from "ajv";
import { checkSchema } from "./schema-check.ts";
import { API_VERSION, SPEC_SCHEMAS, type Kind, type Resource } from "./kinds.ts";
import { formatPath, type Path } from "./path.ts";
import { pathOf } from "./schema-problems.ts";
import type { Schema } from "./schema.ts";

/**
 * A resource of the right shape made from one of the wrong shape, and the paths where it says something nobody wrote.
 */
export interface Mended {
  readonly resource: Resource;
  readonly invented: readonly string[];
}

/**
 * Gives a broken resource the right types, so that the cross-field rules can be asked about the rest of it and a person
 * sees all findings in one go. What was unknown is dropped; what was missing or of the wrong type gets a stand-in that
 * collides with nothing. Undefined when that is not enough. Never to be used for anything but finding more problems.
 */
export function mend(kind: Kind, value: unknown, errors: readonly ErrorObject[]): Mended | undefined {
  const copy: unknown = structuredClone(value);
  const invented: string[] = [];
  for (const error of errors) {
    const path = pathOf(error, value);
    if (error.keyword === "additionalProperties") {
      replace(copy, path, undefined);
    } else if (BREAKS_TYPE.has(error.keyword)) {
      invented.push(formatPath(path));
      replace(copy, path, standInAt(kind, path));
    }
  }
  const again = checkSchema(kind, copy);
  if (again.errors.some((error) => BREAKS_TYPE.has(error.keyword))) return undefined;
  return { resource: again.value as Resource, invented };
}

const BREAKS_TYPE: ReadonlySet<string> = new Set(["type", "required", "const"]);

function standInAt(kind: Kind, path: Path): unknown {
  if (path[0] === "apiVersion") return API_VERSION;
  if (path[0] === "kind") return kind;
  if (path[0] === "status") return undefined;
  if (path[0] === "metadata") return path.length === 1 ? { name: unique() } : path[1] === "name" ? unique() : undefined;
  let schema: Schema | undefined = SPEC_SCHEMAS[kind];
  for (const part of path.slice(1)) {
    if (schema === undefined) return undefined;
    schema = inside(schema, part);
  }
  return schema === undefined ? undefined : standIn(schema);
}

function inside(schema: Schema, part: string | number): Schema | undefined {
  if ("properties" in schema) return schema.properties[part];
  if ("items" in schema) return schema.items;
  return "additionalProperties" in schema ? schema.additionalProperties : undefined;
}

function standIn(schema: Schema): unknown {
  if ("default" in schema && schema.default !== undefined) return structuredClone(schema.default);
  if ("x-kubernetes-int-or-string" in schema) return 0;
  if ("properties" in schema) {
    return Object.fromEntries(
      (schema.required ?? []).map((name) => [
        name,
        standIn(schema.properties[name] ?? { type: "string", description: "" }),
      ]),
    );
  }
  switch (schema.type) {
    case "string":
      return schema.enum?.[0] ?? unique();
    case "integer":
      return schema.minimum ?? 0;
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return {};
  }
}

let count = 0;

function unique(): string {
  count += 1;
  return `unreadable-${count}`;
}

function replace(root: unknown, path: Path, value: unknown): void {
  const last = path.at(-1);
  const around = path
    .slice(0, -1)
    .reduce<unknown>((at, part) => (typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined), root);
  if (typeof around !== "object" || around === null || last === undefined) return;
  if (value === undefined && !Array.isArray(around)) Reflect.deleteProperty(around, last);
  else Reflect.set(around, last, value);
}

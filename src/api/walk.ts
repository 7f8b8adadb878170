import type { ListSchema, ObjectSchema, Schema } from "./schema.ts";
import { formatPath, type Path } from "./path.ts";
import { shown } from "./shown.ts";

/** A rule of a schema that a value breaks. */
export interface BrokenRule {
  readonly path: string;
  readonly message: string;
  readonly wayOut: string;
}

/**
 * Asks every rule in a schema about a value, as the API server asks its CEL: rules about a change only where there is a
 * value before, items of a list matched by their keys. Doubled keys and doubled items of sets are found here too.
 */
export function* brokenRules(schema: Schema, self: unknown, previous: unknown, path: Path = []): Iterable<BrokenRule> {
  if (self === undefined) return;
  for (const each of schema.rules ?? []) {
    if (each.transition && previous === undefined) continue;
    if (each.holds(self as never, previous as never)) continue;
    const below = each.fieldPath === undefined ? [] : each.fieldPath.split(".").slice(1);
    yield { path: formatPath([...path, ...below]), message: each.message, wayOut: each.wayOut };
  }
  if ("properties" in schema) yield* fieldsOf(schema, self, previous, path);
  else if ("items" in schema)
    yield* itemsOf(schema, self as readonly unknown[], previous as readonly unknown[] | undefined, path);
}

function* fieldsOf(schema: ObjectSchema, self: unknown, previous: unknown, path: Path): Iterable<BrokenRule> {
  for (const [name, field] of Object.entries(schema.properties)) {
    yield* brokenRules(field, fieldOf(self, name), fieldOf(previous, name), [...path, name]);
  }
}

function* itemsOf(
  schema: ListSchema,
  self: readonly unknown[],
  previous: readonly unknown[] | undefined,
  path: Path,
): Iterable<BrokenRule> {
  const listType = schema["x-kubernetes-list-type"];
  const keyOf = (item: unknown) =>
    listType === "map"
      ? JSON.stringify((schema["x-kubernetes-list-map-keys"] ?? []).map((key) => fieldOf(item, key)))
      : JSON.stringify(item);
  const before =
    listType === "map" ? new Map((previous ?? []).map((item) => [keyOf(item), item])) : new Map<string, unknown>();
  const first = new Map<string, number>();
  for (const [index, item] of self.entries()) {
    const key = keyOf(item);
    const earlier = first.get(key);
    if (listType !== "atomic" && earlier !== undefined) yield doubled(schema, item, [...path, index], earlier);
    first.set(key, earlier ?? index);
    yield* brokenRules(schema.items, item, before.get(key), [...path, index]);
  }
}

function doubled(schema: ListSchema, item: unknown, path: Path, earlier: number): BrokenRule {
  const key = schema["x-kubernetes-list-map-keys"]?.[0];
  const value = key === undefined ? item : fieldOf(item, key);
  return {
    path: formatPath(key === undefined ? path : [...path, key]),
    message: `is ${shown(value)}, like entry ${earlier} of the list`,
    wayOut: key === undefined ? "list it once" : `give each entry its own ${key}, or remove one of the two`,
  };
}

function fieldOf(around: unknown, name: string): unknown {
  return typeof around === "object" && around !== null && Object.hasOwn(around, name)
    ? (around as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

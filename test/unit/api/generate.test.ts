import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { generatedFiles, ROOT } from "../../../src/api/generate.ts";
import { SPEC_SCHEMAS, STATUS_SCHEMAS } from "../../../src/api/kinds.ts";
import { KIND_NAMES } from "../../../src/api/printer-columns.ts";
import type { Schema } from "../../../src/api/schema.ts";

for (const [path, content] of await generatedFiles()) {
  test(`${path} is what make generate makes of the schemas`, async () => {
    assert.equal(await readFile(join(ROOT, path), "utf8"), content, "run make generate and commit what it changes");
  });
}

for (const { singular } of Object.values(KIND_NAMES)) {
  test(`docs/kinds/${singular}.md has the four chapters of every kind`, async () => {
    const page = await readFile(join(ROOT, `docs/kinds/${singular}.md`), "utf8");
    assert.deepEqual(page.match(/^## .*$/gm), ["## Example", "## Writing a spec", "## Working with it", "## Status"]);
  });
}

function* everything(schema: Schema, path: string): Iterable<readonly [string, Schema]> {
  yield [path, schema];
  if ("properties" in schema)
    for (const [name, field] of Object.entries(schema.properties)) yield* everything(field, `${path}.${name}`);
  if ("items" in schema) yield* everything(schema.items, `${path}[]`);
  if ("additionalProperties" in schema) yield* everything(schema.additionalProperties, `${path}{}`);
}

const all = [...Object.entries(SPEC_SCHEMAS), ...Object.entries(STATUS_SCHEMAS)].flatMap(([kind, schema]) => [
  ...everything(schema, kind),
]);

test("every field is described by a sentence", () => {
  assert.deepEqual(
    all.filter(([, schema]) => !/^[A-Z0-9"(a-z].*[.)]$/.test(schema.description)).map(([path]) => path),
    [],
  );
});

test("what is required exists, and has no default", () => {
  for (const [path, schema] of all) {
    if (!("properties" in schema)) continue;
    for (const name of schema.required ?? []) {
      const field = schema.properties[name];
      assert.ok(field !== undefined && !("default" in field), `${path}.${name}`);
    }
  }
});

test("items of atomic lists have no defaults, which server-side apply could not keep apart", () => {
  for (const [path, schema] of all) {
    if (!("items" in schema) || schema["x-kubernetes-list-type"] !== "atomic") continue;
    for (const [inside, field] of everything(schema.items, path)) assert.ok(!("default" in field), inside);
  }
});

test("an object whose fields have defaults is made when it is left out", () => {
  for (const [path, schema] of all) {
    if (!("properties" in schema) || path.includes("[]") || (schema.required ?? []).length > 0) continue;
    const filled = Object.values(schema.properties).some((field) => "default" in field);
    const root = !path.includes(".");
    assert.ok(root || !filled || schema.default !== undefined, path);
  }
});

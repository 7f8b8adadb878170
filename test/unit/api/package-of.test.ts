import assert from "node:assert/strict";
import { test } from "node:test";
import { packageOf } from "../../../src/api/rules/extensions.ts";

test("an extension is asked for by its own name, though every object has a word of that name", () => {
  assert.equal(packageOf("vector", 17), "postgresql-17-pgvector");
  assert.equal(packageOf("constructor", 17), "postgresql-17-constructor");
  assert.equal(packageOf("__proto__", 17), "postgresql-17---proto--");
});

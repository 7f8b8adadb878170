import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const RUNTIME = join(import.meta.dirname, "..", "..", "..", "src", "runtime");

test("the runtime imports nothing of pgha but the error classes: it serves any kind", () => {
  const foreign = readdirSync(RUNTIME).flatMap((file) => {
    const imports = [...readFileSync(join(RUNTIME, file), "utf8").matchAll(/from "(\.\.[^"]*)"/g)].map(
      ([, target]) => target,
    );
    return imports.filter((target) => target !== "../errors.ts").map((target) => `${file}: ${target}`);
  });
  assert.deepEqual(foreign, []);
});

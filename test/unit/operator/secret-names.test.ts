import assert from "node:assert/strict";
import { test } from "node:test";
import { secretNamesOf } from "../../../src/operator/resources/secret-names.ts";
import { sampleStack } from "../../model/sample-stack.ts";

test("a stack refers to the logins to registries of all that runs in containers", () => {
  const stack = structuredClone(sampleStack());
  const all = [...stack.clusters, ...stack.haproxyPools, ...stack.pgbouncerPools];
  for (const [index, { spec }] of all.entries())
    Object.assign(spec, {
      runtime: "container",
      container: {
        image: {
          reference: `registry.example.org/x@sha256:${"a".repeat(64)}`,
          pullSecretRef: { name: `login-${index}` },
        },
      },
    });
  const names = secretNamesOf(stack);
  for (const name of ["login-0", "login-1", "login-2"]) assert.ok(names.has(name), name);
});

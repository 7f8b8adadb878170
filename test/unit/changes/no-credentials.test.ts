import assert from "node:assert/strict";
import { test } from "node:test";
import { commandFor, meanwhileFor } from "../../../src/changes/commands.ts";
import type { Material } from "../../../src/changes/material.ts";

const NONE: Material = {
  get credentials(): never {
    throw new TypeError("there are none");
  },
  postgresqlPort: 0,
};

test("a change that takes no secret asks for no credentials: a removal and a HostBaseline have none", () => {
  const change = { kind: "set-timezone", timezone: "UTC", before: "" } as const;
  assert.equal(commandFor(change, NONE).secrets, undefined);
  assert.deepEqual(meanwhileFor(change, NONE), { before: [], meanwhile: [] });
});

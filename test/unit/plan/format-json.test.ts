import assert from "node:assert/strict";
import { test } from "node:test";
import { planDocument } from "../../../src/plan/format-json.ts";
import { EXAMPLE } from "./example-plan.ts";

test("the JSON plan has numbers, steps with their targets, and everything in the way", () => {
  const document = planDocument(EXAMPLE);
  assert.deepEqual(document.summary, {
    steps: 10,
    hosts: 3,
    reload: 1,
    noticed: 0,
    restart: 1,
    disruptive: 0,
    waits: 1,
    blockers: 1,
    warnings: 1,
  });
  assert.deepEqual(document.steps[0], {
    id: "controller/secret:pg-superuser",
    resource: "PostgresHACluster/pg",
    host: null,
    stage: "record",
    action: "create",
    change: "write-secret",
    target: "pg-superuser",
    description: "generate secret pg-superuser (superuser)",
    because: "there is none yet",
    impact: "none",
    noticed: null,
  });
  assert.deepEqual(
    document.steps.map((step) => step.action),
    ["create", ...Array<string>(6).fill("create"), "change", "reload", "restart"],
  );
  assert.deepEqual(document.blockers, EXAMPLE.blockers);
  assert.deepEqual(document.waits, EXAMPLE.waits);
  assert.deepEqual(document.warnings, EXAMPLE.warnings);
});

test("no content of any file is in the JSON plan, secret or not", () => {
  assert.doesNotMatch(JSON.stringify(planDocument(EXAMPLE)), /hunter2|maxconn/);
});

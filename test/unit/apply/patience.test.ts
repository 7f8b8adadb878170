import assert from "node:assert/strict";
import { test } from "node:test";
import { Patience, STEADY } from "../../../src/apply/patience.ts";
import type { Step } from "../../../src/plan/plan.ts";

const step = (id: string, because = "b"): Step => ({
  id,
  resource: "PostgresHACluster/pg",
  host: "a",
  stage: "services",
  change: { kind: "reload-unit", unit: "patroni.service", reads: [] },
  because,
  impact: "reload",
});
const FAILURE = { host: "a", command: "", exitCode: 0, said: "", wayOut: "" };
const RELOAD = step("reload");
const OTHER = step("other");

test("a step that was done a moment ago is given time to show, and the others do not wait for it", () => {
  const patience = new Patience(STEADY);
  patience.noteDone(RELOAD, 0);
  const verdict = patience.judge([RELOAD, OTHER], 10_000);
  assert.deepEqual(verdict, { due: [OTHER], undone: undefined });
  assert.deepEqual(patience.judge([RELOAD], 16_000).due, [RELOAD]);
});

test("the same step for another reason is another step", () => {
  const patience = new Patience(STEADY);
  patience.noteDone(RELOAD, 0);
  assert.equal(patience.judge([step("reload", "changed again")], 1_000).due.length, 1);
});

test("after three patient tries it counts as undone by someone, and is tried once more at each later visit", () => {
  const patience = new Patience(STEADY);
  for (const at of [0, 20_000, 40_000]) {
    assert.equal(patience.judge([RELOAD], at).undone, undefined);
    patience.noteDone(RELOAD, at);
  }
  assert.equal(patience.judge([RELOAD], 45_000).undone, undefined, "it may still show");
  assert.equal(patience.judge([RELOAD], 60_000).undone, RELOAD);
  patience.rest({ kind: "undone", step: RELOAD, failure: FAILURE }, 360_000, "");
  assert.deepEqual(patience.judge([RELOAD], 360_000), { due: [RELOAD], undone: undefined });
  patience.noteDone(RELOAD, 360_000);
  assert.equal(patience.judge([RELOAD], 380_000).undone, RELOAD);
});

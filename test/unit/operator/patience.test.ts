import assert from "node:assert/strict";
import { test } from "node:test";
import { Patience } from "../../../src/operator/visit/patience.ts";
import type { Step } from "../../../src/plan/plan.ts";

const step = (id: string, because = "b"): Step => ({
  id,
  resource: "PostgresHACluster/pg",
  host: "a",
  stage: "services",
  change: { kind: "reload-unit", unit: "patroni.service" },
  because,
  impact: "reload",
});
const RELOAD = step("reload");
const OTHER = step("other");

test("a step that was done a moment ago is given time to show, and the others do not wait for it", () => {
  const patience = new Patience();
  patience.noteDone(RELOAD, 0);
  const verdict = patience.judge([RELOAD, OTHER], 10_000);
  assert.deepEqual(verdict, { now: [OTHER], later: [RELOAD], undone: undefined });
  assert.deepEqual(patience.judge([RELOAD], 16_000).now, [RELOAD]);
});

test("the same step for another reason is another step", () => {
  const patience = new Patience();
  patience.noteDone(RELOAD, 0);
  assert.deepEqual(patience.judge([step("reload", "changed again")], 1_000).later, []);
});

test("after three patient tries it counts as undone by someone, and is tried once more at each later visit", () => {
  const patience = new Patience();
  for (const at of [0, 20_000, 40_000]) {
    assert.equal(patience.judge([RELOAD], at).undone, undefined);
    patience.noteDone(RELOAD, at);
  }
  assert.equal(patience.judge([RELOAD], 45_000).undone, undefined, "it may still show");
  assert.equal(patience.judge([RELOAD], 60_000).undone, RELOAD);
  patience.allowOneMore(RELOAD);
  assert.deepEqual(patience.judge([RELOAD], 360_000), { now: [RELOAD], later: [], undone: undefined });
  patience.noteDone(RELOAD, 360_000);
  assert.equal(patience.judge([RELOAD], 380_000).undone, RELOAD);
});

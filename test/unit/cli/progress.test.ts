import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApplyEvent } from "../../../src/apply/events.ts";
import { LiveRegion } from "../../../src/cli/apply/live-region.ts";
import { lastingLine, liveLines } from "../../../src/cli/apply/progress-lines.ts";
import { advance } from "../../../src/cli/apply/progress-state.ts";
import type { ProgressState } from "../../../src/cli/apply/progress-state.ts";
import { progressOn } from "../../../src/cli/apply/progress.ts";
import type { Screen } from "../../../src/cli/screen.ts";
import type { Step } from "../../../src/plan/plan.ts";
import { styleFor } from "../../../src/text/style.ts";
import { width } from "../../../src/text/layout.ts";
import { EXAMPLE } from "../plan/example-plan.ts";

const PLAIN = { style: styleFor(false), columns: 60 };
const [, START, INSTALL] = EXAMPLE.steps as readonly [Step, Step, Step];
const INSTALL_2: Step = { ...INSTALL, host: "db-2" };
const LOOKING: ProgressState = { kind: "looking", note: "looking at 3 hosts", sinceMs: 0 };
const WAVE: ApplyEvent = {
  kind: "wave-started",
  stage: "prepare",
  steps: [INSTALL, { ...INSTALL, id: "again" }, INSTALL_2],
};

const after = (...events: readonly (readonly [number, ApplyEvent])[]): ProgressState =>
  events.reduce<ProgressState>((state, [now, event]) => advance(state, event, now), LOOKING);

test("each host has a line with what it does and since when", () => {
  const state = after(
    [1_000, WAVE],
    [1_000, { kind: "step-started", step: INSTALL }],
    [1_500, { kind: "step-started", step: INSTALL_2 }],
    [3_000, { kind: "step-done", step: INSTALL_2, tookMs: 1_500 }],
  );
  assert.deepEqual(liveLines(state, 3_200, PLAIN), [
    "preparation",
    "  ⠹ db-1  0/2   install patroni, postgresql-17 2 s",
    "  ✓ db-2  1/1",
  ]);
});

test("once every host is done it says that it looks again", () => {
  const state = after(
    [0, { ...WAVE, steps: [INSTALL] }],
    [0, { kind: "step-started", step: INSTALL }],
    [900, { kind: "step-done", step: INSTALL, tookMs: 900 }],
  );
  assert.deepEqual(liveLines(state, 1_000, PLAIN), ["preparation", "  ✓ db-1  1/1", "⠋ looking at what that changed"]);
  assert.equal(lastingLine(state, 5_000, PLAIN), "✓ preparation: 1 step on 1 host in 0.9 s");
});

test("a failure is marked on its host, and what was not done is counted", () => {
  const failure = { host: "db-1", command: "", exitCode: 1, said: "", wayOut: "" };
  const state = after(
    [0, WAVE],
    [0, { kind: "step-started", step: INSTALL }],
    [2_000, { kind: "step-failed", step: INSTALL, failure }],
  );
  assert.equal(liveLines(state, 2_000, PLAIN)[1], "  ✗ db-1  0/2   install patroni, postgresql-17 failed");
  assert.equal(lastingLine(state, 2_000, PLAIN), "✗ preparation: 0 of 3 steps on 2 hosts in 2.0 s");
});

test("a wait counts from its beginning, through all the looks in between", () => {
  const waiting: ApplyEvent = { kind: "waiting", waits: EXAMPLE.waits, elapsedMs: 0 };
  const looked: ApplyEvent = { kind: "looked", round: 2, tookMs: 1, plan: EXAMPLE };
  const state = after([0, WAVE], [1_000, looked], [1_000, waiting], [2_000, looked], [2_000, waiting], [3_000, looked]);
  assert.deepEqual(liveLines(state, 3_000, PLAIN), ["⠋ waiting for a leader 2 s"]);
  assert.equal(lastingLine(state, 3_000, PLAIN), "… waited 2.0 s for a leader");
});

test("no live line is as wide as the screen, where it would wrap and spoil the drawing", () => {
  const long: Step = { ...START, change: { kind: "start-unit", unit: `${"x".repeat(200)}.service` } };
  const lines = liveLines(after([0, { ...WAVE, steps: [long] }], [0, { kind: "step-started", step: long }]), 0, PLAIN);
  assert.ok(lines.every((line) => width(line) < 60));
  assert.ok(lines[1]?.endsWith("…"));
});

test("the region is drawn over, and what is kept moves up above it", () => {
  let written = "";
  const region = new LiveRegion((text) => (written += text));
  region.draw(["one", "two"]);
  region.keep(["kept"]);
  region.draw([]);
  region.draw([]);
  assert.equal(written, "one\ntwo\n\u001B[2A\r\u001B[Jkept\none\ntwo\n\u001B[2A\r\u001B[J");
});

test("where lines can't be drawn over, a wait is told once and again only after something else happened", () => {
  let printed = "";
  const screen: Screen = {
    ...PLAIN,
    isTerminal: false,
    canAsk: false,
    print: (text) => (printed += text),
    remark: () => {},
    log: undefined,
  };
  const progress = progressOn(screen, () => 0, true);
  const waiting: ApplyEvent = { kind: "waiting", waits: EXAMPLE.waits, elapsedMs: 0 };
  const looked: ApplyEvent = { kind: "looked", round: 2, tookMs: 1, plan: EXAMPLE };
  for (const event of [
    waiting,
    looked,
    waiting,
    looked,
    { kind: "step-done", step: INSTALL, tookMs: 12_000 } as const,
    waiting,
  ]) {
    progress.onEvent(event);
  }
  assert.equal(
    printed,
    "  … waiting for a leader\n  ✓ db-1: install patroni, postgresql-17 (12 s)\n  … waiting for a leader\n",
  );
});

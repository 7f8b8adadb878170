import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ApplyEvent } from "../../../src/apply/events.ts";
import { timingsText } from "../../../src/cli/apply/timings-text.ts";
import { Timings } from "../../../src/cli/apply/timings.ts";
import type { Step } from "../../../src/plan/plan.ts";
import { styleFor } from "../../../src/text/style.ts";
import { EXAMPLE } from "../plan/example-plan.ts";

const [SECRET, START, INSTALL] = EXAMPLE.steps as readonly [Step, Step, Step];

const looked = (round: number, tookMs: number): ApplyEvent => ({ kind: "looked", round, tookMs, plan: EXAMPLE });

test("every part of an apply is named with its time, hosts and kinds of change below their stage", () => {
  const timings = new Timings(0);
  const events: readonly (readonly [number, ApplyEvent])[] = [
    [900, looked(1, 800)],
    [3_000, { kind: "wave-started", stage: "record", steps: [SECRET] }],
    [3_100, { kind: "step-done", step: SECRET, tookMs: 100 }],
    [3_200, looked(2, 800)],
    [3_210, { kind: "wave-started", stage: "prepare", steps: [INSTALL] }],
    [8_000, { kind: "step-done", step: INSTALL, tookMs: 4_700 }],
    [8_100, { kind: "step-done", step: { ...INSTALL, host: "db-2" }, tookMs: 4_800 }],
    [9_000, looked(3, 700)],
    [9_010, { kind: "wave-started", stage: "services", steps: [START] }],
    [9_500, { kind: "step-done", step: START, tookMs: 400 }],
    [10_000, looked(4, 500)],
    [10_000, { kind: "waiting", waits: EXAMPLE.waits, elapsedMs: 0 }],
    [11_000, looked(5, 400)],
    [11_000, { kind: "waiting", waits: EXAMPLE.waits, elapsedMs: 1_000 }],
    [12_000, looked(6, 400)],
  ];
  events.forEach(([at, event]) => timings.add(event, at));
  timings.end(12_100);
  assert.equal(
    timingsText(timings, styleFor(false)),
    `\
Where the time went
  looking (5 times)                2.90 s
  showing the plan, and asking     2.10 s
  records                          0.20 s
    here                           0.10 s  write-secret 0.10
  planning                         0.12 s
  preparation                      5.09 s
    db-1                           4.70 s  install-packages 4.70
    db-2                           4.80 s  install-packages 4.80
  services                         0.49 s
    db-1                           0.40 s  start-unit 0.40
  waiting                          1.20 s
  in all                          12.10 s
`,
  );
});

test("the spans add up to the whole, whatever happens and when", () => {
  const event = fc.constantFrom<ApplyEvent>(
    looked(1, 300),
    looked(2, 5_000),
    { kind: "wave-started", stage: "prepare", steps: [] },
    { kind: "waiting", waits: [], elapsedMs: 0 },
    { kind: "wave-started", stage: "record", steps: [] },
    { kind: "step-done", step: INSTALL, tookMs: 9 },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(10_000), event)), fc.nat(1_000), (steps, tail) => {
      const timings = new Timings(1_000);
      let now = 1_000;
      for (const [later, one] of steps) {
        now += later;
        timings.add(one, now);
      }
      timings.end(now + tail);
      assert.equal(
        [...timings.spans.values()].reduce((sum, span) => sum + span, 0),
        now + tail - 1_000,
      );
      assert.ok([...timings.spans.values()].every((span) => span >= 0));
    }),
  );
});

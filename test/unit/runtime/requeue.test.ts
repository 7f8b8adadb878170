import assert from "node:assert/strict";
import { test } from "node:test";
import { HostUnreachableError, InvalidInputError } from "../../../src/errors.ts";
import { LeadershipLostError } from "../../../src/runtime/reconcile-context.ts";
import { nextVisit } from "../../../src/runtime/requeue.ts";
import type { ReconcileOutcome } from "../../../src/runtime/requeue.ts";

const TIMES = { pollMs: 30_000, stalledPollMs: 300_000, soonMs: 1_000 };

const cases: readonly { readonly reason: string; readonly outcome: ReconcileOutcome; readonly expected: object }[] = [
  {
    reason: "all is as wanted: at the next poll",
    outcome: { kind: "settled" },
    expected: { kind: "after", milliseconds: 30_000 },
  },
  {
    reason: "a resource with a poll of its own: at that",
    outcome: { kind: "settled", pollMs: 5_000 },
    expected: { kind: "after", milliseconds: 5_000 },
  },
  {
    reason: "something is waited for: when it said",
    outcome: { kind: "again", afterMs: 1_234 },
    expected: { kind: "after", milliseconds: 1_234 },
  },
  { reason: "the resource is no more: never", outcome: { kind: "gone" }, expected: { kind: "never" } },
  {
    reason: "a host is unreachable: with backoff",
    outcome: { kind: "failed", error: new HostUnreachableError("db-1", "no route") },
    expected: { kind: "backoff" },
  },
  {
    reason: "a person has to act: seldom",
    outcome: { kind: "failed", error: new InvalidInputError([]) },
    expected: { kind: "after", milliseconds: 300_000 },
  },
  {
    reason: "over in a moment: soon",
    outcome: { kind: "failed", error: new LeadershipLostError() },
    expected: { kind: "after", milliseconds: 1_000 },
  },
  {
    reason: "nobody expected it: with backoff",
    outcome: { kind: "failed", error: new TypeError("x is undefined") },
    expected: { kind: "backoff" },
  },
  {
    reason: "something that is no error was thrown: with backoff",
    outcome: { kind: "failed", error: "text" },
    expected: { kind: "backoff" },
  },
];

for (const { reason, outcome, expected } of cases) {
  test(`next visit when ${reason}`, () =>
    assert.deepEqual(
      nextVisit(outcome, TIMES, () => 0.5),
      expected,
    ));
}

test("polls are spread by a twentieth either way", () => {
  assert.deepEqual(
    nextVisit({ kind: "settled" }, TIMES, () => 0),
    { kind: "after", milliseconds: 28_500 },
  );
  assert.deepEqual(
    nextVisit({ kind: "settled" }, TIMES, () => 1),
    { kind: "after", milliseconds: 31_500 },
  );
});

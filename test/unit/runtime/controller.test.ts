import assert from "node:assert/strict";
import { test } from "node:test";
import { HostUnreachableError, InvalidInputError } from "../../../src/errors.ts";
import { createController } from "../../../src/runtime/controller.ts";
import type { Controller } from "../../../src/runtime/controller.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import { createReconcileContext } from "../../../src/runtime/reconcile-context.ts";
import type { ReconcileContext } from "../../../src/runtime/reconcile-context.ts";
import type { ReconcileResult } from "../../../src/runtime/requeue.ts";
import { FakeClock } from "./fake-clock.ts";

interface Setup {
  readonly clock: FakeClock;
  readonly controller: Controller;
  /** Moment and key of each reconciliation begun. */
  readonly begun: string[];
  readonly stop: AbortController;
  readonly term: Promise<void>;
  readonly metrics: () => Promise<string>;
}

function start(
  keys: readonly string[],
  reconcile: (key: string, context: ReconcileContext, clock: FakeClock) => Promise<ReconcileResult>,
  isLeader = () => true,
): Setup {
  const clock = new FakeClock();
  const begun: string[] = [];
  const metrics = createRuntimeMetrics({ processMetrics: false });
  const controller = createController({
    name: "thing",
    reconcile(key, context) {
      begun.push(`${clock.monotonic()} ${key}`);
      return reconcile(key, context, clock);
    },
    keys: () => keys,
    clock,
    log: silentLog,
    metrics,
    concurrency: 2,
    random: () => 0.5,
    backoff: { firstMs: 100, longestMs: 1_000, jitter: 0 },
  });
  const stop = new AbortController();
  const term = controller.runTerm(createReconcileContext(stop.signal, isLeader));
  return { clock, controller, begun, stop, term, metrics: () => metrics.registry.metrics() };
}

const settled: ReconcileResult = { kind: "settled" };

test("a term begins with everything there is, and then looks again at the poll interval", async () => {
  const { clock, begun, stop, term } = start(["a", "b"], async () => settled);
  await clock.advance(31_000);
  assert.deepEqual(begun, ["0 a", "0 b", "30000 a", "30000 b"]);
  stop.abort();
  await term;
  assert.equal(clock.sleeping, 0);
});

test("a change wakes a resource at once, outside a term it does not", async () => {
  const { clock, controller, begun, stop, term } = start([], async () => settled);
  await clock.advance(5);
  controller.wake("a");
  await clock.advance(5);
  stop.abort();
  await term;
  controller.wake("b");
  await clock.advance(60_000);
  assert.deepEqual(begun, ["5 a"]);
});

test(
  "of several things that a key stands for, whoever wants it soonest says when; who fails waits longer " +
    "each time, the others do not",
  async () => {
    let turn = 0;
    const failed = { kind: "failed", error: new HostUnreachableError("db-1", "no answer") } as const;
    const { clock, begun, stop, term, metrics } = start(["a"], async () => ({
      kind: "several",
      parts: [
        { outcome: { kind: "settled", pollMs: 4_000 }, failures: 0, fields: {} },
        { outcome: failed, failures: (turn += 1), fields: { name: "db" } },
      ],
    }));
    await clock.advance(10_000);
    assert.deepEqual(begun, ["0 a", "500 a", "1500 a", "3500 a", "7500 a"]);
    stop.abort();
    await term;
    assert.match(await metrics(), /controller_runtime_reconcile_errors_total\{controller="thing"\} 5/);
  },
);

test("no more are worked on at once than there are workers, and one key never twice", async () => {
  let active = 0;
  let most = 0;
  const { clock, controller, begun, stop, term } = start(["a", "b", "c"], async (_, __, time) => {
    most = Math.max(most, (active += 1));
    await time.sleep(100);
    active -= 1;
    return { kind: "gone" };
  });
  await clock.advance(50);
  controller.wake("a");
  await clock.advance(1_000);
  assert.equal(most, 2);
  assert.deepEqual(begun, ["0 a", "0 b", "100 c", "100 a"]);
  stop.abort();
  await term;
});

test("a failure is tried again with growing pauses, and counted", async () => {
  const { clock, begun, stop, term, metrics } = start(["a"], async () => {
    throw new HostUnreachableError("db-1", "no route");
  });
  await clock.advance(800);
  assert.deepEqual(begun, ["0 a", "100 a", "300 a", "700 a"]);
  const text = await metrics();
  assert.match(text, /controller_runtime_reconcile_total\{controller="thing",result="error"\} 4/);
  assert.match(text, /controller_runtime_reconcile_errors_total\{controller="thing"\} 4/);
  assert.match(text, /controller_runtime_terminal_reconcile_errors_total\{controller="thing"\} 0/);
  assert.match(text, /workqueue_retries_total\{name="thing",controller="thing"\} 4/);
  assert.match(text, /controller_runtime_active_workers\{controller="thing"\} 0/);
  stop.abort();
  await term;
});

test("what waits for a person does not spin, and is looked at when that person changes it", async () => {
  const { clock, controller, begun, stop, term, metrics } = start(["a"], async () => {
    throw new InvalidInputError([]);
  });
  await clock.advance(200_000);
  controller.wake("a");
  await clock.advance(1_000);
  assert.deepEqual(begun, ["0 a", "200000 a"]);
  assert.match(await metrics(), /controller_runtime_terminal_reconcile_errors_total\{controller="thing"\} 2/);
  stop.abort();
  await term;
});

test("a stop finishes the work in hand and begins no other", async () => {
  const finished: string[] = [];
  const { clock, begun, stop, term } = start(["a", "b", "c", "d"], async (key, context, time) => {
    await time.sleep(100);
    assert.throws(() => context.assertMayAct(), { name: "LeadershipLostError" });
    finished.push(key);
    return settled;
  });
  await clock.advance(50);
  stop.abort();
  let isOver = false;
  void term.then(() => (isOver = true));
  await clock.advance(49);
  assert.equal(isOver, false);
  await clock.advance(1);
  assert.equal(isOver, true);
  assert.deepEqual(
    [begun, finished],
    [
      ["0 a", "0 b"],
      ["a", "b"],
    ],
  );
});

test("a process that no longer leads begins nothing, before anyone told it", async () => {
  let isLeader = true;
  const { clock, controller, begun, stop, term, metrics } = start(
    [],
    async () => settled,
    () => isLeader,
  );
  await clock.advance(1);
  isLeader = false;
  controller.wake("a");
  await clock.advance(100);
  assert.deepEqual(begun, []);
  assert.match(await metrics(), /reconcile_total\{controller="thing",result="requeue"\} 1/);
  stop.abort();
  await term;
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorkQueue } from "../../../src/runtime/work-queue.ts";
import type { QueueObserver, WorkQueue } from "../../../src/runtime/work-queue.ts";
import { FakeClock, settle } from "./fake-clock.ts";

function setUp(observer: QueueObserver = {}): { readonly clock: FakeClock; readonly queue: WorkQueue } {
  const clock = new FakeClock();
  const backoff = { firstMs: 100, longestMs: 1_000, jitter: 0 };
  return { clock, queue: createWorkQueue({ clock, backoff, random: () => 0.5, observer }) };
}

/** What next() gives at this moment, or "nothing". */
async function taken(queue: WorkQueue): Promise<string | undefined> {
  await settle();
  return queue.inspect().depth === 0 ? "nothing" : queue.next();
}

test("a key added three times is worked on once", async () => {
  const { queue } = setUp();
  for (const key of ["a", "a", "a", "b"]) queue.add(key);
  assert.deepEqual([await taken(queue), await taken(queue), await taken(queue)], ["a", "b", "nothing"]);
});

test("a key added while it is worked on waits until that work is done, and is then worked on again", async () => {
  const { queue } = setUp();
  queue.add("a");
  await queue.next();
  queue.add("a");
  assert.equal(await taken(queue), "nothing");
  queue.done("a");
  assert.equal(await taken(queue), "a");
});

test("a worker that waits gets the key as soon as it is added", async () => {
  const { queue } = setUp();
  const waiting = queue.next();
  queue.add("a");
  assert.equal(await waiting, "a");
});

test("of several delayed wishes for a key the earliest counts and the others are forgotten", async () => {
  const { clock, queue } = setUp();
  queue.addAfter("a", 500);
  queue.addAfter("a", 200);
  queue.addAfter("a", 900);
  await clock.advance(199);
  assert.equal(await taken(queue), "nothing");
  await clock.advance(1);
  assert.equal(await taken(queue), "a");
  queue.done("a");
  await clock.advance(2_000);
  assert.equal(await taken(queue), "nothing");
});

test("the pause doubles with each failure up to the longest, and is the shortest again once forgotten", () => {
  const { queue } = setUp();
  assert.deepEqual(
    Array.from({ length: 6 }, () => queue.addRateLimited("a")),
    [100, 200, 400, 800, 1_000, 1_000],
  );
  assert.equal(queue.failures("a"), 6);
  queue.forget("a");
  assert.equal(queue.addRateLimited("a"), 100);
});

test("one key's failures do not slow another", () => {
  const { queue } = setUp();
  queue.addRateLimited("a");
  queue.addRateLimited("a");
  assert.equal(queue.addRateLimited("b"), 100);
});

test("shutting down lets waiting workers go, hands out nothing more, and waits for the work in hand", async () => {
  const { clock, queue } = setUp();
  queue.add("in hand");
  await queue.next();
  const waiting = queue.next();
  const events: string[] = [];
  const shutDown = queue.shutDown().then(() => events.push("shut down"));
  assert.equal(await waiting, undefined);
  queue.add("late");
  queue.addAfter("late", 10);
  await clock.advance(1_000);
  assert.equal(await queue.next(), undefined);
  assert.deepEqual(events, []);
  queue.done("in hand");
  await shutDown;
  assert.equal(clock.sleeping, 0, "no timer is left behind");
});

test("shutting down drops the keys that still wait", async () => {
  const { clock, queue } = setUp();
  queue.add("a");
  queue.addAfter("b", 100);
  await queue.shutDown();
  await clock.advance(1_000);
  assert.deepEqual(queue.inspect(), { depth: 0, delayed: 0, inHandMs: [] });
});

test("the observer hears how long a key waited, how long it was worked on, and each retry", async () => {
  const heard: string[] = [];
  const { clock, queue } = setUp({
    added: () => heard.push("added"),
    retried: () => heard.push("retried"),
    taken: (waited) => heard.push(`taken after ${waited}`),
    finished: (worked) => heard.push(`finished after ${worked}`),
  });
  queue.add("a");
  await clock.advance(30);
  await queue.next();
  await clock.advance(70);
  assert.deepEqual(queue.inspect(), { depth: 0, delayed: 0, inHandMs: [70] });
  queue.addRateLimited("a");
  queue.done("a");
  assert.deepEqual(heard, ["added", "taken after 30", "retried", "finished after 70"]);
});

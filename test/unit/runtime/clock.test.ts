import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../src/runtime/clock.ts";

test("a sleep ends early when its signal aborts, without an error", async () => {
  const stop = new AbortController();
  const started = systemClock.monotonic();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await sleeping;
  assert.ok(systemClock.monotonic() - started < 5_000);
});

test("a sleep on a signal that is aborted already does not start", async () => {
  await systemClock.sleep(60_000, AbortSignal.abort());
});

test("a sleep longer than Node's longest timer does not end at once", async () => {
  const stop = new AbortController();
  const first = await Promise.race([
    systemClock.sleep(2 ** 40, stop.signal).then(() => "woke"),
    systemClock.sleep(20).then(() => "still asleep"),
  ]);
  stop.abort();
  assert.equal(first, "still asleep");
});

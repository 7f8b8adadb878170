import assert from "node:assert/strict";
import { test } from "node:test";
import { loopRoom } from "../../../src/runtime/loop-room.ts";

/** As the first visit of a stack, all of it at once. */
function compute(milliseconds: number): void {
  const began = performance.now();
  while (performance.now() - began < milliseconds);
}

test("what computes for long is not begun all at once", async () => {
  const room = loopRoom();
  const begun: number[] = [];
  const ended: number[] = [];
  let most = 0;
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      await room();
      begun.push(index);
      for (let part = 0; part < 3; part += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        compute(120);
      }
      ended.push(index);
      most = Math.max(most, begun.length - ended.length + 1);
    }),
  );
  assert.ok(most <= 4, `${most} at once`);
});

test("a process that is always busy lets one after the other begin all the same", async () => {
  const room = loopRoom();
  const busy = setInterval(() => compute(110), 1);
  try {
    const began = performance.now();
    await room();
    await room();
    assert.ok(performance.now() - began < 5_000);
  } finally {
    clearInterval(busy);
  }
});

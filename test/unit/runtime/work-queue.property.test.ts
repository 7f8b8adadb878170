import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createWorkQueue } from "../../../src/runtime/work-queue.ts";
import { FakeClock } from "./fake-clock.ts";

const KEYS = ["a", "b", "c", "d"];
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("addAfter" as const), key, ms: fc.integer({ min: -1, max: 50 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("addRateLimited" as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("work" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("done" as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 30 }) }) },
);

test("no key is lost, none has two workers, and none waits twice, whatever is done in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new FakeClock();
      const queue = createWorkQueue({ clock, backoff: { firstMs: 1, longestMs: 40, jitter: 0.5 } });
      const inHand = new Set<string>();
      const wantedAt = new Map<string, number>();
      const takenAt = new Map<string, number>();
      const dueAt = new Map<string, number>();
      let moment = 0;

      /** Takes the next key as a worker would. */
      const work = async (): Promise<void> => {
        const next = await queue.next();
        assert.ok(next !== undefined);
        assert.ok(!inHand.has(next), `${next} has two workers`);
        inHand.add(next);
        takenAt.set(next, moment);
      };
      const wish = (wanted: string, ms: number): void => {
        if (ms <= 0) wantedAt.set(wanted, moment);
        else dueAt.set(wanted, Math.min(dueAt.get(wanted) ?? Infinity, clock.monotonic() + ms));
      };
      const pass = async (ms: number): Promise<void> => {
        await clock.advance(ms);
        for (const [due, at] of dueAt) {
          if (at > clock.monotonic()) continue;
          dueAt.delete(due);
          wantedAt.set(due, moment);
        }
      };
      const finish = (which: number): void => {
        const finished = [...inHand][which % Math.max(inHand.size, 1)];
        if (finished === undefined) return;
        inHand.delete(finished);
        queue.done(finished);
      };

      for (const action of steps) {
        moment += 1;
        switch (action.do) {
          case "add":
            queue.add(action.key);
            wantedAt.set(action.key, moment);
            break;
          case "addAfter":
            queue.addAfter(action.key, action.ms);
            wish(action.key, action.ms);
            break;
          case "addRateLimited":
            wish(action.key, queue.addRateLimited(action.key));
            break;
          case "work":
            if (queue.inspect().depth > 0) await work();
            break;
          case "done":
            finish(action.which);
            break;
          case "pass":
            await pass(action.ms);
            break;
        }
        assert.ok(queue.inspect().depth <= KEYS.length, "a key waits twice");
      }

      for (let round = 0; round < 10; round += 1) {
        moment += 1;
        await pass(100);
        moment += 1;
        while (queue.inspect().depth > 0) await work();
        while (inHand.size > 0) finish(0);
      }
      for (const [wanted, at] of wantedAt) assert.ok((takenAt.get(wanted) ?? -1) > at, `${wanted} was lost`);
      assert.deepEqual(queue.inspect(), { depth: 0, delayed: 0, inHandMs: [] });
    }),
    { numRuns: 150 },
  );
});

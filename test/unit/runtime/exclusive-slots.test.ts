import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createExclusiveSlots } from "../../../src/runtime/exclusive-slots.ts";
import { settle } from "./fake-clock.ts";

interface Job {
  readonly names: readonly string[];
  readonly end: () => void;
  readonly ended: Promise<void>;
}

/** Starts jobs that go on until they are ended; `began` has their number in the order they began. */
function jobs(
  limit: number,
  wanted: readonly (readonly string[])[],
): { readonly began: number[]; readonly all: readonly Job[]; readonly inUse: () => number } {
  const slots = createExclusiveSlots(limit);
  const began: number[] = [];
  const all = wanted.map((names, number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ended = slots.use(names, () => {
      began.push(number);
      return promise;
    });
    return { names, end: resolve, ended };
  });
  return { began, all, inUse: () => slots.inUse() };
}

test(
  "two that want the same go one after the other, one that wants something else does not wait " + "for them",
  async () => {
    const { began, all } = jobs(10, [["a", "b"], ["b", "c"], ["d"]]);
    await settle();
    assert.deepEqual(began, [0, 2]);
    all[0]!.end();
    await settle();
    assert.deepEqual(began, [0, 2, 1]);
  },
);

test("one that wants many is not overtaken for ever by those that want few", async () => {
  const { began, all } = jobs(10, [["a"], ["a", "b"], ["b"], ["b"]]);
  await settle();
  assert.deepEqual(began, [0]);
  all[0]!.end();
  await settle();
  assert.deepEqual(began, [0, 1]);
});

test("one that waits for room is not overtaken by those that need less of it", async () => {
  const { began, all } = jobs(2, [["a"], ["b", "c"], ["d"]]);
  await settle();
  assert.deepEqual(began, [0]);
  all[0]!.end();
  await settle();
  assert.deepEqual(began, [0, 1]);
});

test("work that needs more than the limit runs, alone", async () => {
  const { began, all } = jobs(2, [["a", "b", "c"], ["d"]]);
  await settle();
  assert.deepEqual(began, [0]);
  all[0]!.end();
  await settle();
  assert.deepEqual(began, [0, 1]);
});

test("work that fails gives back what it used", async () => {
  const slots = createExclusiveSlots(2);
  await assert.rejects(
    slots.use(["a"], () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await slots.use(["a"], async () => "done"), "done");
});

test("who gives up waiting no longer stands in the way", async () => {
  const slots = createExclusiveSlots(10);
  const first = Promise.withResolvers<void>();
  const working = slots.use(["a"], () => first.promise);
  const giveUp = new AbortController();
  const waiting = slots.use(["a", "b"], async () => assert.fail("ran"), giveUp.signal);
  const behind = slots.use(["b"], async () => "ran");
  giveUp.abort(new Error("given up"));
  await assert.rejects(waiting, /given up/);
  assert.equal(await behind, "ran");
  first.resolve();
  await working;
});

test("whatever is wanted, no name is used twice, the limit holds, and everyone gets a turn", async () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(names, { maxLength: 10 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      async (wanted, limit, order) => {
        const { began, all, inUse } = jobs(limit, wanted);
        const running = (): readonly number[] => began.filter((number) => !ended.has(number));
        const ended = new Set<number>();
        for (let turn = 0; turn <= wanted.length; turn += 1) {
          await settle();
          const used = running().flatMap((number) => all[number]!.names);
          assert.equal(new Set(used).size, used.length, "a name is used twice");
          assert.equal(inUse(), used.length);
          assert.ok(running().length <= 1 || used.length <= limit, "over the limit");
          const next = running()[(order[turn] ?? 0) % Math.max(running().length, 1)];
          if (next === undefined) break;
          ended.add(next);
          all[next]!.end();
        }
        await settle();
        assert.equal(began.length, wanted.length, "someone never got a turn");
      },
    ),
    { numRuns: 100 },
  );
});

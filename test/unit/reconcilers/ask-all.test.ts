import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Look } from "../../../src/facts/fact.ts";
import { askAll } from "../../../src/reconcilers/ask-all.ts";

const targets = [{ name: "fast" }, { name: "slow" }];
const seen = (host: string): Look<number> => ({ seen: true, host, facts: 1 });

/** One host answers at once, the other when it is let go. */
function hosts() {
  const { promise, resolve } = Promise.withResolvers<Look<number>>();
  const ask = ({ name }: { readonly name: string }): Promise<Look<number>> =>
    name === "fast" ? Promise.resolve(seen(name)) : promise;
  return { ask, letGo: () => resolve(seen("slow")) };
}

describe("all hosts are asked at once", () => {
  it("and when all answer in time, nothing is told early", async () => {
    const { ask, letGo } = hosts();
    letGo();
    const tell = (): Promise<void> => assert.fail("told early");
    const answers = await askAll(targets, ask, { afterMs: 60_000, tell });
    assert.deepEqual([...answers.values()], [seen("fast"), seen("slow")]);
  });

  it("and what the others said does not wait for one that hangs, which is waited for all the same", async () => {
    const { ask, letGo } = hosts();
    const told: unknown[] = [];
    const answers = await askAll(targets, ask, {
      afterMs: 5,
      tell: (soFar) => {
        told.push(...[...soFar.values()].map((look) => (look.seen ? "seen" : `${look.reason}: ${look.message}`)));
        letGo();
        return Promise.resolve();
      },
    });
    assert.deepEqual(told, [
      "seen",
      "HostSlow: it has not answered all questions for 0.005 s; it is still being asked",
    ]);
    assert.deepEqual(answers.get("slow"), seen("slow"));
  });

  it("and whoever cannot be told is heard once all have answered", async () => {
    const { ask, letGo } = hosts();
    let isOver = false;
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const tell = (): Promise<void> => {
      resolve();
      return Promise.reject(new Error("a conflict"));
    };
    const asked = askAll(targets, ask, { afterMs: 5, tell });
    const over = assert.rejects(asked, /a conflict/).then(() => (isOver = true));
    await told;
    await new Promise(setImmediate);
    assert.equal(isOver, false);
    letGo();
    await over;
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { campaign } from "../chaos/campaign.ts";
import { failuresOf, outcomeLines } from "../chaos/report.ts";

/** Seeds and how long faults begin; each that ever failed joins them. More of them by hand: `make chaos`. */
const SEEDS = [[1, 60]] as const;

describe("a stack that breaks at random while it is edited and pgha is killed", () => {
  for (const [seed, seconds] of SEEDS) {
    it(`seed ${seed}: comes right, loses no commit, and is never called Ready when it is not`, async (test) => {
      const outcome = await campaign({ seed, seconds, say: (line) => test.diagnostic(line) });
      for (const line of outcomeLines(seed, outcome)) test.diagnostic(line);
      assert.deepEqual(failuresOf(outcome), []);
    });
  }
});

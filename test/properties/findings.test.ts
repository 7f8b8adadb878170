import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keepLast } from "../../src/keep-last.ts";
import type { Findings } from "../../src/reconcilers/reconciler.ts";
import { passOver } from "../../src/reconcilers/reconcile.ts";
import type { World } from "../../src/reconcilers/world.ts";
import { convergedWorld } from "../model/converge.ts";
import { DRIFTS } from "../model/drifts.ts";
import { HAPPENINGS } from "../model/happenings.ts";
import { scripts, starts, worldOf, worldsOf } from "../model/worlds.ts";

const converged = await convergedWorld();
const DAY_MS = 24 * 3_600_000;

function findingsIn({ plan, plans, statuses }: Findings): Findings {
  return { plan, plans, statuses };
}

test("what looks mean follows from them and from what is wanted, whatever the clock says", async () => {
  const drifts = fc.array(fc.constantFrom(...Object.keys(DRIFTS)), { maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(starts, scripts, drifts, fc.nat({ max: 400 }), async (start, script, drifted, days) => {
      const model = await worldOf(converged, start);
      for (const { what, host } of script.happenings) HAPPENINGS[what]?.does(model, model.host(host));
      for (const what of drifted) DRIFTS[what]?.(model, "db-slave-01");
      const looks = model.looks();
      // Passwords that are yet to be recorded are made up with it.
      const built: World["built"] = keepLast();
      const at = async (ms: number, findings?: World["findings"]): Promise<Findings> => {
        const world: World = { ...model.world, built, now: () => ms };
        const pass = await passOver(model.stack, { ...world, ...(findings === undefined ? {} : { findings }) }, looks);
        return findingsIn(pass);
      };
      const found = await at(model.clock);
      assert.deepEqual(await at(model.clock + 1 + days * DAY_MS), found);
      assert.deepEqual(await at(model.clock, keepLast()), found);
    }),
    worldsOf(60),
  );
});

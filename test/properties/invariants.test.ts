import { test } from "node:test";
import fc from "fast-check";
import { convergedWorld } from "../model/converge.ts";
import { COMMAND_LINE, OPERATOR, rehearse } from "../model/rehearsal.ts";
import { scripts, starts, worldOf, worldsOf } from "../model/worlds.ts";

const converged = await convergedWorld();

test("whatever happens while waves are taken, at every prefix of each the invariants hold, and all comes right", async () => {
  await fc.assert(
    fc.asyncProperty(starts, scripts, fc.constantFrom(COMMAND_LINE, OPERATOR), async (start, script, planner) => {
      await rehearse(await worldOf(converged, start), script, planner);
    }),
    worldsOf(12),
  );
});

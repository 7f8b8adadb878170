import { test } from "node:test";
import fc from "fast-check";
import { convergedWorld } from "../model/converge.ts";
import { COMMAND_LINE, OPERATOR, rehearse } from "../model/rehearsal.ts";
import { inContainers, scripts, starts, worldOf, worldsOf } from "../model/worlds.ts";

const moving = inContainers(await convergedWorld());

test("whatever happens while members move into containers, the invariants hold at every prefix, and all comes right", async () => {
  await fc.assert(
    fc.asyncProperty(starts, scripts, fc.constantFrom(COMMAND_LINE, OPERATOR), async (start, script, planner) => {
      const led = start.led === "fresh" ? "db-slave-01" : start.led;
      const edits = start.edits.filter((edit) => edit !== "copies made anew");
      await rehearse(await worldOf(moving, { ...start, led, edits }), script, planner);
    }),
    worldsOf(4),
  );
});

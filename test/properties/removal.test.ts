import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { convergedWorld } from "../model/converge.ts";
import { rehearseRemoval } from "../model/rehearsal.ts";
import { scripts, starts, worldOf, worldsOf } from "../model/worlds.ts";

const converged = await convergedWorld();
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];

/** The sample stack with data in it, led by any of its members. */
const grown = starts.filter(({ led }) => led !== "fresh").map((start) => ({ ...start, edits: [], asked: false }));

test("a removal that is killed anywhere, and begun again, ends with what its policy leaves, whatever happens meanwhile", async () => {
  const policies = fc.constantFrom("Stop" as const, "Purge" as const);
  await fc.assert(
    fc.asyncProperty(grown, scripts, policies, async (start, script, policy) => {
      const { model } = await rehearseRemoval(await worldOf(converged, start), script, policy);
      for (const host of model.hosts.values()) assert.deepEqual([...host.active, ...host.enabled], [], host.name);
      for (const name of MEMBERS) {
        const { dataDirectory } = model.host(name);
        const isLost = script.happenings.some(({ what, host }) => host === name && what === "loses its data");
        if (policy === "Purge") assert.equal(dataDirectory, "absent", name);
        else if (!isLost) assert.equal(dataDirectory, "valid", name);
      }
    }),
    worldsOf(20),
  );
});

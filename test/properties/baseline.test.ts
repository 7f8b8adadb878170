import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Step } from "../../src/plan/plan.ts";
import { isDoneBy, planOf, takeAll } from "../model/converge.ts";
import { DRIFTS } from "../model/drifts.ts";
import type { ModelHost } from "../model/model-host.ts";
import { ModelWorld } from "../model/model-world.ts";
import { stackWithBaseline } from "../model/sample-stack.ts";
import { worldsOf } from "../model/worlds.ts";

const ids = (steps: readonly Step[]): readonly string[] => steps.map((step) => `${step.id} ${step.change.kind}`);

/** After each step, a new plan must be exactly what was left of the old one. */
async function takeAllInTurn(model: ModelWorld, reason: string): Promise<void> {
  await takeAll(model, (now, rest, taken) =>
    assert.deepEqual(ids(now), ids(rest.filter((step) => !isDoneBy(taken, step))), `${reason}: after ${taken.id}`),
  );
}

const pristine = new ModelWorld(stackWithBaseline());

test("with a baseline, whatever prefix of a plan was taken on fresh hosts, the next plan is its rest", async () => {
  await takeAllInTurn(pristine, "fresh hosts");
  assert.deepEqual((await planOf(pristine)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
});

const HBA_WRITTEN_BESIDES = [
  { what: "all files were removed", host: "db-master-01" as const },
  { what: "somebody wrote into pg_hba.conf", host: "db-master-01" as const },
];

const OF_THE_BASE: Readonly<Record<string, (host: ModelHost) => void>> = {
  "a kernel setting was changed": (host) => host.base.sysctl.set("net/ipv4/tcp_fin_timeout", "60"),
  "the time zone was changed": (host) => (host.base.timezone = "Asia/Tokyo"),
  "a package of the base was removed": (host) => host.packages.delete("rsync"),
  "the file of kernel settings was changed": (host) =>
    host.write("/etc/sysctl.d/99-zz-pgha.conf", { content: "", owner: "root", group: "root", mode: 0o644 }),
};

test("whatever drifted of a base and of what runs on it, all of it comes back, step by step", async () => {
  const host = fc.constantFrom("db-master-01", "db-slave-01", "db-slave-02", "proxy-01", "proxy-02");
  const base = fc.record({ what: fc.constantFrom(...Object.keys(OF_THE_BASE)), host });
  const other = fc.record({ what: fc.constantFrom(...Object.keys(DRIFTS)), host });
  const some = fc.tuple(fc.array(base, { minLength: 1, maxLength: 4 }), fc.array(other, { maxLength: 2 }));
  await fc.assert(
    fc.asyncProperty(some, async ([bases, others]) => {
      const model = pristine.copy();
      for (const { what, host: name } of bases) OF_THE_BASE[what]?.(model.host(name));
      for (const { what, host: name } of others) DRIFTS[what]?.(model, name);
      await takeAllInTurn(model, JSON.stringify([bases, others]));
      assert.deepEqual((await planOf(model)).plan.steps, []);
      assert.deepEqual(model.state, pristine.state);
    }),
    {
      ...worldsOf(20),
      examples: [[[[{ what: "a kernel setting was changed", host: "db-master-01" }], HBA_WRITTEN_BESIDES]]],
    },
  );
});

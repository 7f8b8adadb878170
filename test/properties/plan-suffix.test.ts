import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Step } from "../../src/plan/plan.ts";
import { isDoneBy, planOf, takeAll } from "../model/converge.ts";
import { DRIFTS } from "../model/drifts.ts";
import { ModelWorld } from "../model/model-world.ts";
import { sampleStack } from "../model/sample-stack.ts";
import { worldsOf } from "../model/worlds.ts";

function ids(steps: readonly Step[]): readonly string[] {
  return steps.map((step) => `${step.id} ${step.change.kind}`);
}

/** After each step, a new plan must be exactly what was left of the old one. */
async function takeAllInTurn(model: ModelWorld, reason: string): Promise<void> {
  const { plan } = await takeAll(model, (now, rest, taken) =>
    assert.deepEqual(
      ids(now),
      ids(rest.filter((step) => !isDoneBy(taken, step))),
      `${reason}: after ${taken.id} the plan is the rest of the plan before`,
    ),
  );
  assert.deepEqual(plan.blockers, [], reason);
}

const pristine = new ModelWorld(sampleStack());
await takeAllInTurn(pristine, "fresh hosts");

test("on fresh hosts, whatever prefix of a plan was taken, the next plan is its rest, down to nothing", async () => {
  const model = pristine.copy();
  const { plan, statuses } = await planOf(model);
  assert.deepEqual(plan, { steps: [], waits: [], blockers: [], warnings: [] });
  assert.deepEqual(
    [...statuses.values()].map((status) => status.phase),
    ["Ready", "Ready", "Ready"],
  );
});

test(
  "when pools come to a cluster, the Secrets that were made without them lead to the pooler, step " + "by step",
  async () => {
    const stack = sampleStack();
    const alone = new ModelWorld({ ...stack, haproxyPools: [], pgbouncerPools: [] });
    await takeAllInTurn(alone, "a cluster alone");
    const passwords = await keys(alone, "password");
    assert.match(
      (await keys(alone, "uri")).get("keybuzz-pg-role-n8n") ?? "",
      /@10\.0\.0\.120:5432,[^/]*\/n8n\?target_session_attrs=read-write&/,
    );
    const joined = alone.copy(stack);
    const { plan } = await planOf(joined);
    assert.deepEqual(
      plan.steps.flatMap(({ change, because }) =>
        change.kind === "write-secret" ? [`${change.how} ${change.secret}: ${because}`] : [],
      ),
      [
        "generate keybuzz-pg-pgbouncer-admin: it does not exist",
        "generate keybuzz-pg-pgbouncer-stats: it does not exist",
        "renew keybuzz-pg-superuser: it leads to 10.0.0.120:5432/postgres instead of 10.0.0.11:5432/postgres",
        "renew keybuzz-pg-role-keybuzz: it leads to 10.0.0.120:5432/keybuzz instead of 10.0.0.11:6432/keybuzz",
        "renew keybuzz-pg-role-n8n: it leads to 10.0.0.120:5432/n8n instead of 10.0.0.11:6432/n8n",
      ],
    );
    await takeAllInTurn(joined, "pools came");
    assert.deepEqual((await planOf(joined)).plan.steps, []);
    assert.match(
      (await keys(joined, "uri")).get("keybuzz-pg-role-n8n") ?? "",
      /@10\.0\.0\.11:6432,[^/]*\/n8n\?connect/,
    );
    const after = await keys(joined, "password");
    for (const [name, password] of passwords) assert.equal(after.get(name), password, name);
  },
);

async function keys(model: ModelWorld, key: string): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await model.world.secrets())].map(([name, { data }]) => [name, data[key]?.reveal() ?? ""]));
}

/** Patroni's package among them, from under the running unit: installing it again must not leave the unit masked. */
const PACKAGES_TAKEN = [1, 2, 3].map(() => ({ what: "a package was removed", host: "db-master-01" }));
const HBA_WRITTEN_BESIDES = [
  { what: "all files were removed", host: "db-master-01" },
  { what: "somebody wrote into pg_hba.conf", host: "db-master-01" },
];
/** Patroni goes on with it for a while after it was told to reload. */
const PATRONI_RELOADED = [{ what: "services run with an older configuration", host: "db-slave-01" }];

const HOSTS = ["db-master-01", "db-slave-01", "db-slave-02", "proxy-01", "proxy-02"];

test(
  "on hosts that drifted in any way, the plan's every prefix leaves its rest, and all of it leaves " + "nothing",
  async () => {
    const drift = fc.record({ what: fc.constantFrom(...Object.keys(DRIFTS)), host: fc.constantFrom(...HOSTS) });
    await fc.assert(
      fc.asyncProperty(fc.array(drift, { minLength: 1, maxLength: 4 }), async (drifts) => {
        const model = pristine.copy();
        for (const { what, host } of drifts) DRIFTS[what]?.(model, host);
        await takeAllInTurn(model, JSON.stringify(drifts));
        const { plan } = await planOf(model);
        assert.deepEqual({ steps: plan.steps, waits: plan.waits }, { steps: [], waits: [] });
        assert.deepEqual(model.state, pristine.state, "everything is as it was before it drifted");
      }),
      { ...worldsOf(25), examples: [[PACKAGES_TAKEN], [PATRONI_RELOADED], [HBA_WRITTEN_BESIDES]] },
    );
  },
);

test("no plan on a drifted cluster stops or restarts a member, bootstraps, or removes anything", async () => {
  const drift = fc.record({ what: fc.constantFrom(...Object.keys(DRIFTS)), host: fc.constantFrom(...HOSTS) });
  await fc.assert(
    fc.asyncProperty(fc.array(drift, { minLength: 1, maxLength: 6 }), async (drifts) => {
      const model = pristine.copy();
      for (const { what, host } of drifts) DRIFTS[what]?.(model, host);
      const { plan } = await planOf(model);
      for (const { change } of plan.steps) {
        assert.notEqual(change.kind, "record-bootstrap-intent");
        assert.ok(change.kind !== "restart-unit" || change.unit !== "patroni.service");
        assert.ok(change.kind !== "arrange-units" || !change.mask.includes("patroni.service"));
      }
    }),
    worldsOf(25),
  );
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sensitive } from "../../../src/credentials/index.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import type { World } from "../../../src/reconcilers/world.ts";
import { convergedWorld, takeAll } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";
import { worldWithSecrets } from "../../model/world-with-secrets.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const pristine = await convergedWorld();

/** A person changed the password of n8n in its Secret. */
async function changed(): Promise<ModelWorld> {
  const { model } = await worldWithSecrets(pristine, (secret) =>
    secret.name === "keybuzz-pg-role-n8n"
      ? { ...secret, data: { password: sensitive("another password, by hand") } }
      : secret,
  );
  return model;
}

/** What is seen while somebody wants the poolers left alone, or not. */
async function passOf(model: ModelWorld, isPaused: boolean): Promise<Pass> {
  const [pool] = model.stack.pgbouncerPools;
  const world: World = {
    ...model.world,
    handsOff: ({ spec }) => (isPaused && spec === pool?.spec ? "Paused" : undefined),
  };
  return passOver(model.stack, world, model.looks());
}

const alters = ({ plans }: Pass): boolean =>
  plans.get(CLUSTER)?.steps.some(({ change }) => change.kind === "alter-role") === true;

describe("a new password of a role", () => {
  it("waits for poolers that are held and do not know it: PostgreSQL goes on with the one before", async () => {
    const model = await changed();
    assert.equal(alters(await passOf(model, false)), true);
    const held = await passOf(model, true);
    assert.equal(alters(held), false);
    assert.ok(
      held.plan.steps.every(({ change }) => change.kind !== "alter-role"),
      "by command line as well",
    );
    const blockers = held.plans.get(CLUSTER)?.blockers ?? [];
    assert.deepEqual(
      blockers.map(({ reason, scope }) => [reason, scope]),
      [["PoolersBlocked", "nothing"]],
    );
    assert.match(
      blockers[0]?.why ?? "",
      /^the new password of n8n waits, .*PgBouncerPool\/keybuzz-pgbouncer is left alone \(Paused\)/,
    );
    const ready = held.statuses.get(CLUSTER)?.conditions.find(({ type }) => type === "Ready");
    assert.deepEqual([ready?.status, ready?.reason], ["False", "PoolersBlocked"]);
    assert.deepEqual((await takeAll(model)).plan.steps, [], "and all is done once they may be told");
  });

  it("waits for poolers that are refused as a whole, and not because one of their hosts is away", async () => {
    const model = await changed();
    const stack = structuredClone(model.stack);
    const fewer = stack.pgbouncerPools.map((pool) => ({
      ...pool,
      spec: { ...pool.spec, hosts: pool.spec.hosts.slice(0, 1) },
    }));
    const refused = Object.assign(model.copy({ ...stack, pgbouncerPools: fewer }), { world: model.world });
    const pass = await passOf(refused, false);
    assert.equal(alters(pass), false);
    assert.match(pass.plans.get(CLUSTER)?.blockers[0]?.why ?? "", /PgBouncerPool\/keybuzz-pgbouncer is held \(/);
    model.host("proxy-02").reachable = false;
    assert.equal(alters(await passOf(model, false)), true);
  });
});

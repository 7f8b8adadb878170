import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Look } from "../../../src/facts/fact.ts";
import { keepLast } from "../../../src/keep-last.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass, StackLooks } from "../../../src/reconcilers/reconcile.ts";
import type { World } from "../../../src/reconcilers/world.ts";
import { convergedWorld } from "../../model/converge.ts";
import { withPools } from "../../model/worlds.ts";

const pristine = await convergedWorld();
const { stack } = pristine;
const CLUSTER = "PostgresHACluster/keybuzz-pg";

/** Passes of one who keeps what looks mean, over looks that are told. */
function asker() {
  const kept: Pick<World, "built" | "findings"> = { built: keepLast(), findings: keepLast() };
  return async (looks: StackLooks, world: Partial<World> = {}, of = stack): Promise<Pass> =>
    passOver(of, { ...pristine.world, ...kept, ...world }, looks);
}

/** The same looks, but for one host of one resource. */
function otherwise(looks: StackLooks, name: string, host: string, change: (look: Look<never>) => Look<never>) {
  return new Map(
    [...looks].map(([resource, own]) => [
      resource,
      resource !== name ? own : new Map([...own].map(([each, look]) => [each, each === host ? change(look) : look])),
    ]),
  );
}

function ready({ statuses }: Pass, name = CLUSTER): string | undefined {
  return statuses.get(name)?.conditions.find(({ type }) => type === "Ready")?.status;
}

describe("what looks mean", () => {
  it("is not worked out again while hosts say what they said", async () => {
    const ask = asker();
    const looks = pristine.looks();
    const first = await ask(looks);
    assert.equal(ready(first), "True");
    const again = await ask(new Map([...looks].map(([name, own]) => [name, new Map(own)])));
    assert.equal(again.plan, first.plan);
    assert.equal(again.statuses, first.statuses);
  });

  it("is never what it was when one host says something else, or nothing", async () => {
    const looks = pristine.looks();
    for (const [name, own] of looks)
      for (const host of own.keys()) {
        const ask = asker();
        const first = await ask(looks);
        const away = otherwise(looks, name, host, () => ({
          seen: false,
          host,
          reason: "HostUnreachable",
          message: "no route",
        }));
        const then = await ask(away);
        assert.notEqual(then.statuses, first.statuses, `${name} ${host}`);
        assert.equal(ready(then, name), "False", `${name} ${host}`);
        assert.equal(ready(await ask(looks), name), "True", `${name} ${host} came back`);
        assert.notEqual((await ask(otherwise(looks, name, host, (look) => ({ ...look })))).statuses, first.statuses);
      }
  });

  it("is another thing by what a person asks, what is wanted, and when", async () => {
    const looks = pristine.looks();
    const windows = (schedule: string) => ({
      ...stack,
      clusters: stack.clusters.map((cluster) => ({
        ...cluster,
        spec: { ...cluster.spec, maintenance: { windows: [{ schedule, durationMinutes: 60 }] } },
      })),
    });
    const nightly = windows("0 3 * * *");
    const noon = Date.UTC(2026, 0, 1, 12);
    for (const [what, ask] of Object.entries({
      "a manifest": (other: boolean, of: ReturnType<typeof asker>) =>
        of(looks, {}, other ? withPools(stack, { pgbouncer: { defaultPoolSize: 7 } }) : stack),
      "a pause": (other: boolean, of: ReturnType<typeof asker>) =>
        of(looks, { handsOff: () => (other ? "Paused" : undefined) }),
      "leave to go on outside windows": (other: boolean, of: ReturnType<typeof asker>) =>
        of(looks, { outsideWindows: () => other }),
      "a window": (other: boolean, of: ReturnType<typeof asker>) =>
        of(looks, { now: () => noon + (other ? 15.5 : 0) * 3_600_000 }, nightly),
    })) {
      const one = asker();
      const first = await ask(false, one);
      assert.equal((await ask(false, one)).statuses, first.statuses, `${what}: as it was`);
      assert.notEqual((await ask(true, one)).statuses, first.statuses, what);
    }
  });

  it("of a pool that is looked at alone follows what is said of its cluster", async () => {
    const pool = "HAProxyPool/keybuzz-haproxy";
    const looks = pristine.looks();
    const kept: Pick<World, "built" | "findings"> = { built: keepLast(), findings: keepLast() };
    const ask = async (leader: string): Promise<Pass> =>
      passOver(
        stack,
        { ...pristine.world, ...kept, clusterWord: () => ({ leader, isSettled: true }) as never },
        looks,
        new Set([pool]),
      );
    const first = await ask("db-master-01");
    assert.equal((await ask("db-master-01")).statuses, first.statuses);
    assert.notEqual((await ask("db-slave-01")).statuses, first.statuses);
  });
});

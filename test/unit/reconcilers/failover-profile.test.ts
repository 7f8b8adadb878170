import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld, planOf, takeAll } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const HAPROXY = "/etc/pgha/haproxy/haproxy.cfg";
const PGBOUNCER = "/etc/pgha/pgbouncer/pgbouncer.ini";
const pristine = await convergedWorld();

interface Checks {
  readonly downIntervalMs?: number;
  readonly fastIntervalMs?: number;
}

function withProfile(model: ModelWorld, failover: "Standard" | "Fast", checks: Checks = {}): ModelWorld {
  const { stack } = model;
  return model.copy({
    ...stack,
    clusters: stack.clusters.map((cluster) => ({
      ...cluster,
      spec: { ...cluster.spec, patroni: { ...cluster.spec.patroni, failover } },
    })),
    haproxyPools: stack.haproxyPools.map((pool) => ({
      ...pool,
      spec: { ...pool.spec, checks: { ...pool.spec.checks, ...checks } },
    })),
  });
}

function textOf(model: ModelWorld, host: string, path: string): string {
  return model.host(host).files.get(path)?.content ?? "";
}

async function changesOf(model: ModelWorld): Promise<readonly string[]> {
  const { plan } = await planOf(model);
  return [...new Set(plan.steps.map(({ change, impact }) => `${change.kind} [${impact}]`))].toSorted();
}

describe("the profile of failover on a cluster that lives", () => {
  it("is changed by reloads and one request, which nobody notices, and comes back the same way", async () => {
    const fast = withProfile(pristine, "Fast");
    const reloads = ["patch-dynamic-configuration [reload]", "reload-unit [reload]", "write-file [none]"];
    assert.deepEqual(await changesOf(fast), reloads);
    const { plan } = await takeAll(fast);
    assert.deepEqual([plan.steps, plan.waits, plan.blockers], [[], [], []]);
    const { ttl, loop_wait, retry_timeout } = fast.dynamicConfiguration;
    assert.deepEqual([ttl, loop_wait, retry_timeout], [20, 6, 7]);
    for (const host of ["proxy-01", "proxy-02"]) {
      assert.match(textOf(fast, host, HAPROXY), /inter 1000ms fastinter 200ms downinter 200ms/);
      assert.match(textOf(fast, host, PGBOUNCER), /^server_login_retry = 0.2$/m);
    }
    const back = withProfile(fast, "Standard");
    assert.deepEqual(await changesOf(back), reloads);
    await takeAll(back);
    assert.equal(back.dynamicConfiguration["ttl"], 30);
    assert.doesNotMatch(textOf(back, "proxy-01", HAPROXY), /downinter/);
    assert.match(textOf(back, "proxy-01", PGBOUNCER), /^server_login_retry = 1$/m);
  });

  it("leaves to a pool what it says itself", async () => {
    const own = withProfile(pristine, "Fast", { downIntervalMs: 750 });
    await takeAll(own);
    assert.match(textOf(own, "proxy-01", HAPROXY), /downinter 750ms/);
    const faster = withProfile(pristine, "Fast", { fastIntervalMs: 100 });
    await takeAll(faster);
    assert.match(textOf(faster, "proxy-01", HAPROXY), /fastinter 100ms downinter 100ms/);
    const always = withProfile(pristine, "Standard", { downIntervalMs: 300 });
    await takeAll(always);
    assert.match(textOf(always, "proxy-01", HAPROXY), /downinter 300ms/);
  });

  it("is in force once each member's own Patroni goes by it", async () => {
    const fast = withProfile(pristine, "Fast");
    await takeAll(fast);
    const planWith = async (change: (data: { taken?: object }, patroni: { answers: boolean }) => void) => {
      const looks = fast.looks();
      const look = looks.get(CLUSTER)?.get("db-slave-01") as unknown as {
        facts: { dataDirectory: { taken?: object }; patroni: { answers: boolean } };
      };
      change(look.facts.dataDirectory, look.facts.patroni);
      return (await passOver(fast.stack, fast.world, looks)).plan;
    };
    const late = await planWith((data) => (data.taken = { ...fast.dynamicConfiguration, ttl: 30, loop_wait: 10 }));
    assert.deepEqual(
      late.waits.map((wait) => `${wait.reason} ${wait.for}`),
      ["ParametersPending ttl (30, to be 20), loop_wait (10, to be 6) on db-slave-01"],
    );
    // One that does not tell, or is not there to go by anything, is not waited for by this.
    assert.deepEqual((await planWith((data) => delete data.taken)).waits, []);
    const stopped = await planWith((data, patroni) => {
      data.taken = { ttl: 30 };
      patroni.answers = false;
    });
    assert.ok(!stopped.waits.some(({ reason }) => reason === "ParametersPending"));
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "../../src/plan/plan.ts";
import { nextWave } from "../../src/plan/wave.ts";
import type { Stack } from "../../src/reconcilers/stack.ts";
import { convergedWorld, planOf } from "../model/converge.ts";
import { HAPPENINGS } from "../model/happenings.ts";
import type { ModelWorld } from "../model/model-world.ts";
import { sampleStack } from "../model/sample-stack.ts";

const converged = await convergedWorld();

/** Takes waves as the engine does, whole, until there is nothing to do. */
async function wavesOf(model: ModelWorld): Promise<readonly (readonly Step[])[]> {
  const waves: (readonly Step[])[] = [];
  for (let round = 0; round < 20; round += 1) {
    const pass = await planOf(model);
    const wave = nextWave(pass.plan);
    if (wave.kind !== "steps") {
      assert.equal(wave.kind, "done");
      return waves;
    }
    waves.push(wave.steps);
    for (const step of wave.steps) await model.take(step, pass);
  }
  throw new Error("it does not come to an end");
}

function withPools(change: { readonly pgbouncer?: object; readonly haproxy?: object }): Stack {
  const stack = sampleStack();
  return {
    ...stack,
    haproxyPools: stack.haproxyPools.map((pool) => ({ ...pool, spec: { ...pool.spec, ...change.haproxy } })),
    pgbouncerPools: stack.pgbouncerPools.map((pool) => ({ ...pool, spec: { ...pool.spec, ...change.pgbouncer } })),
  };
}

function hostsOf(waves: readonly (readonly Step[])[], kind: "reload-unit" | "restart-unit"): readonly string[] {
  return waves
    .map((wave) => wave.flatMap(({ change, host }) => (change.kind === kind ? [`${change.unit} ${host}`] : [])))
    .filter((hosts) => hosts.length > 0)
    .map((hosts) => hosts.join(", "));
}

test("a setting of PgBouncer that takes a restart restarts one pooler after the other", async () => {
  const waves = await wavesOf(converged.copy(withPools({ pgbouncer: { port: 6433 } })));
  assert.deepEqual(hostsOf(waves, "restart-unit"), [
    "pgha-pgbouncer.service proxy-01",
    "pgha-pgbouncer.service proxy-02",
  ]);
});

test("a new configuration is taken by one pooler and one proxy before the others", async () => {
  const waves = await wavesOf(
    converged.copy(withPools({ pgbouncer: { defaultPoolSize: 7 }, haproxy: { maxConnections: 777 } })),
  );
  assert.deepEqual(hostsOf(waves, "reload-unit"), [
    "pgha-haproxy.service proxy-01, pgha-pgbouncer.service proxy-01",
    "pgha-haproxy.service proxy-02, pgha-pgbouncer.service proxy-02",
  ]);
});

test("a pooler that is down is started before another is restarted", async () => {
  const model = converged.copy(withPools({ pgbouncer: { port: 6433 } }));
  model.host("proxy-02").active.delete("pgha-pgbouncer.service");
  model.host("proxy-02").loaded.delete("pgha-pgbouncer.service");
  const waves = await wavesOf(model);
  const acts = waves.map((wave) =>
    wave.flatMap(({ change, host }) =>
      change.kind === "start-unit" || change.kind === "restart-unit" ? [`${change.kind} ${host}`] : [],
    ),
  );
  assert.deepEqual(
    acts.filter((wave) => wave.length > 0),
    [["start-unit proxy-02"], ["restart-unit proxy-01"]],
  );
});

test("while one host's proxy restarts, no other host's pooler does", async () => {
  const model = converged.copy(withPools({ pgbouncer: { port: 6433 } }));
  model.host("proxy-02").startedWith.delete("pgha-haproxy.service");
  const waves = await wavesOf(model);
  for (const wave of waves) {
    const hosts = wave.filter(({ change }) => change.kind === "restart-unit").map(({ host }) => host);
    assert.ok(new Set(hosts).size <= 1, hosts.join(" and "));
  }
  assert.deepEqual(hostsOf(waves, "restart-unit").length, 2);
});

test("while somebody has a pooler paused, or a server of a proxy in maintenance, no other host's pooler or proxy restarts", async () => {
  const changes = { pgbouncer: { port: 6433 }, haproxy: { maxConnections: 60_000 } };
  for (const what of ["has its PgBouncer paused", "gets a server into maintenance"]) {
    const model = converged.copy(withPools(changes));
    HAPPENINGS[what]?.does(model, model.host("proxy-02"));
    const restarted: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      const pass = await planOf(model);
      const wave = nextWave(pass.plan);
      if (wave.kind !== "steps") break;
      restarted.push(
        ...wave.steps.flatMap(({ change, host }) => (change.kind === "restart-unit" ? [`${change.unit} ${host}`] : [])),
      );
      for (const step of wave.steps) await model.take(step, pass);
    }
    assert.deepEqual(
      restarted.filter((one) => one.endsWith("proxy-01")),
      [],
      what,
    );
  }
});

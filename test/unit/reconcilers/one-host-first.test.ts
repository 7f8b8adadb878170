import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextWave } from "../../../src/plan/wave.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const pristine = await convergedWorld();

/** The steps of each wave until nothing is left to take, as `kind host`. */
async function wavesOf(model: ModelWorld): Promise<readonly (readonly string[])[]> {
  const waves: string[][] = [];
  for (;;) {
    const pass = await planOf(model);
    const wave = nextWave(pass.plan);
    if (wave.kind !== "steps") return waves;
    const onHosts = wave.steps.filter(({ host }) => host !== undefined);
    if (onHosts.length > 0) waves.push(onHosts.map((step) => `${step.change.kind} ${step.host ?? ""}`));
    for (const step of wave.steps) await model.take(step, pass);
  }
}

function changed(change: (stack: ModelWorld["stack"]) => void): ModelWorld {
  const stack = structuredClone(pristine.stack);
  change(stack);
  return pristine.copy(stack);
}

describe("another configuration of a pool that serves", () => {
  it("is tried on all, and loaded by one PgBouncer first, then by the next", async () => {
    const model = changed(({ pgbouncerPools: [pool] }) => Object.assign(pool?.spec ?? {}, { defaultPoolSize: 7 }));
    assert.deepEqual(await wavesOf(model), [
      ["write-file proxy-01", "write-file proxy-02"],
      ["reload-unit proxy-01"],
      ["reload-unit proxy-02"],
    ]);
  });

  it("restarts poolers one after the other, where it takes that", async () => {
    const model = changed(({ pgbouncerPools: [pool] }) => Object.assign(pool?.spec ?? {}, { port: 6433 }));
    assert.deepEqual(await wavesOf(model), [
      ["write-file proxy-01", "write-file proxy-02"],
      ["restart-unit proxy-01"],
      ["restart-unit proxy-02"],
    ]);
  });

  it("is held on the others while the first one does not let clients in", async () => {
    const model = changed(({ pgbouncerPools: [pool] }) => Object.assign(pool?.spec ?? {}, { defaultPoolSize: 7 }));
    const pass = await planOf(model);
    for (const step of pass.plan.steps.filter(({ host }) => host === "proxy-01")) await model.take(step, pass);
    model.host("proxy-01").active.delete("pgha-haproxy.service");
    const { plan } = await planOf(model);
    assert.ok(plan.waits.some(({ reason, host }) => reason === "LoginFails" && host === "proxy-01"));
    const wave = nextWave(plan);
    const taken = wave.kind === "steps" ? wave.steps : [];
    assert.deepEqual(
      taken.filter(({ resource }) => resource.startsWith("PgBouncerPool/")),
      [],
    );
  });
});

describe("what takes a restart of PgBouncer", () => {
  const proxies = ["proxy-01", "proxy-02"] as const;

  it("is restarted for a setting that a reload leaves as it is, given in the spec or taken out of it", async () => {
    for (const given of [{ pkt_buf: 8192 }, {}]) {
      const model = changed(({ pgbouncerPools: [pool] }) => Object.assign(pool?.spec.parameters ?? {}, given));
      for (const name of proxies) Object.assign(model.host(name), { fixedSettings: ["listen_port", "pkt_buf"] });
      if (!("pkt_buf" in given)) for (const name of proxies) model.host(name).runsWith = { pkt_buf: "8192" };
      const { plan } = await planOf(model);
      assert.deepEqual(
        plan.steps.filter(({ change }) => change.kind === "restart-unit").map(({ host, because }) => [host, because]),
        proxies.map((name) => [name, "pkt_buf changes, which takes a restart"]),
      );
    }
  });

  it("is restarted, as HAProxy is, when it was started from another unit file, one host after the other", async () => {
    const model = changed(({ haproxyPools: [proxies], pgbouncerPools: [poolers] }) => {
      Object.assign(proxies?.spec ?? {}, { maxConnections: 60_000 });
      Object.assign(poolers?.spec ?? {}, { maxClientConnections: 60_000 });
    });
    const waves = await wavesOf(model);
    const both = (kind: string): readonly string[] => waves.flat().filter((step) => step.startsWith(kind));
    assert.deepEqual(both("arrange-units").length, 4, "systemd reads each changed file");
    for (const wave of waves)
      assert.ok(wave.filter((step) => step.startsWith("restart-unit")).length <= 2, "a proxy and a pooler at most");
    assert.deepEqual(both("restart-unit").toSorted(), [
      "restart-unit proxy-01",
      "restart-unit proxy-01",
      "restart-unit proxy-02",
      "restart-unit proxy-02",
    ]);
    assert.equal((await planOf(model)).plan.steps.length, 0);
  });

  it("is restarted, not reloaded, when the one that runs is older than the one that is installed", async () => {
    const model = changed(({ pgbouncerPools: [pool] }) => Object.assign(pool?.spec ?? {}, { defaultPoolSize: 7 }));
    model.host("proxy-01").packageVersion = "1.25.1-1";
    const { plan } = await planOf(model);
    assert.deepEqual(
      plan.steps.filter(({ stage }) => stage === "services").map(({ change, host }) => `${change.kind} ${host ?? ""}`),
      ["restart-unit proxy-01", "reload-unit proxy-02"],
    );
  });
});

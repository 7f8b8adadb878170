import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextWave } from "../../../src/plan/wave.ts";
import { planOf } from "../../model/converge.ts";
import { convergedWorld } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const IMAGE = `sha256:${"a".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;
const pristine = await convergedWorld();

function inContainers(world: ModelWorld, image: string | undefined): ModelWorld {
  const stack = structuredClone(world.stack);
  for (const { spec } of [...stack.haproxyPools, ...stack.pgbouncerPools])
    Object.assign(
      spec,
      image === undefined
        ? { runtime: "systemd", container: undefined }
        : { runtime: "container", container: { image: { id: image } } },
    );
  return world.copy(stack);
}

/** Restarts by wave, until nothing is left to do. */
async function restartsOf(model: ModelWorld): Promise<readonly string[]> {
  const waves: string[] = [];
  for (let round = 0; round < 30; round += 1) {
    const pass = await planOf(model);
    const wave = nextWave(pass.plan);
    if (wave.kind !== "steps") {
      assert.deepEqual({ steps: pass.plan.steps, waits: pass.plan.waits, blockers: pass.plan.blockers }, NOTHING);
      return waves;
    }
    const restarts = wave.steps.filter(({ change }) => change.kind === "restart-unit");
    if (restarts.length > 0) waves.push([...new Set(restarts.map(({ host }) => host))].join(" and "));
    for (const step of wave.steps) await model.take(step, pass);
  }
  throw new Error("it does not come to an end");
}

const NOTHING = { steps: [], waits: [], blockers: [] };

describe("pools in containers", () => {
  it("take another runtime, another image, and the runtime before, one host after the other", async () => {
    let model = pristine;
    for (const image of [IMAGE, OTHER, undefined]) {
      model = inContainers(model, image);
      const waves = await restartsOf(model);
      assert.deepEqual([...new Set(waves)], ["proxy-01", "proxy-02"], image);
      for (const wave of waves) assert.match(wave, /^\S+$/);
    }
  });

  it("give each file to the number of the image's user, and install no package", async () => {
    const model = inContainers(pristine, IMAGE);
    const { plan } = await planOf(model);
    const owners = plan.steps.flatMap(({ change }) =>
      change.kind === "write-file" ? [`${change.file.path} ${change.file.owner}:${change.file.group}`] : [],
    );
    assert.ok(owners.includes("/etc/pgha/pgbouncer/userlist.txt 70:70"), owners.join("\n"));
    assert.ok(owners.includes("/etc/pgha/haproxy/haproxy.cfg root:70"), owners.join("\n"));
    const bare = inContainers(pristine, IMAGE);
    for (const name of ["proxy-01", "proxy-02"]) bare.host(name).packages.clear();
    assert.deepEqual(
      (await planOf(bare)).plan.steps.filter(({ change }) => change.kind === "install-packages"),
      [],
    );
  });

  it("plan nothing of a host that lacks the image, say so with a way out, and interrupt nobody elsewhere", async () => {
    const model = inContainers(pristine, IMAGE);
    model.host("proxy-02").absent = [IMAGE];
    const { plan } = await planOf(model);
    const found = plan.blockers.filter(({ reason }) => reason === "ImageMissing");
    assert.deepEqual(
      found.map(({ host, scope }) => `${host} ${scope}`),
      ["proxy-02 host", "proxy-02 host"],
    );
    assert.match(found[0]?.wayOut ?? "", /docker load/);
    assert.deepEqual(
      plan.steps.filter(({ host }) => host === "proxy-02"),
      [],
    );
    const wave = nextWave({ ...plan, steps: plan.steps.filter(({ stage }) => stage === "services") });
    assert.deepEqual(wave.kind === "steps" ? wave.steps : [], []);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ImageArchive } from "../../../src/desired/image.ts";
import { ENGINE } from "../../../src/desired/services.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { imageRecipe } from "../../../src/render/image-recipe.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const pristine = await convergedWorld();
const HOSTS = ["proxy-01", "proxy-02"] as const;

function archive(letter: string): ImageArchive {
  const id = `sha256:${letter.repeat(64)}`;
  return { path: `/${letter}.tar`, id, architecture: "amd64", bytes: 2 ** 28, compression: "none" };
}

/** Pools whose images come from a file each, or are built. */
function fromImage(image: Readonly<Record<string, unknown>>, lacking: readonly string[]): ModelWorld {
  const stack = structuredClone(pristine.stack);
  for (const { spec } of [...stack.haproxyPools, ...stack.pgbouncerPools])
    Object.assign(spec, { runtime: "container", container: { image } });
  const model = pristine.copy(stack);
  for (const host of HOSTS) model.host(host).absent = lacking;
  return model;
}

/** What each wave does with images, and whether it disturbs anybody, until nothing is left to do. */
async function wavesOf(model: ModelWorld): Promise<readonly string[]> {
  const waves: string[] = [];
  for (let round = 0; round < 40; round += 1) {
    const pass = await planOf(model);
    const wave = nextWave(pass.plan);
    if (wave.kind !== "steps") {
      assert.deepEqual(pass.plan.steps, []);
      assert.deepEqual(pass.plan.blockers, []);
      return waves;
    }
    const told = wave.steps.flatMap(({ host, change, impact }) =>
      ["install-engine", "load-image", "pull-image"].includes(change.kind)
        ? [`${change.kind} ${host}`]
        : impact === "none"
          ? []
          : [`disturbs ${host}`],
    );
    waves.push([...new Set(told)].join(", "));
    for (const step of wave.steps) await model.take(step, pass);
  }
  throw new Error("it does not come to an end");
}

describe("images of pools", () => {
  it("come to every host, Docker first, before any service is touched anywhere", async () => {
    const [one] = [archive("c")];
    const model = fromImage({ archive: one.path }, [ENGINE.unit, one.id]);
    model.archives.set(one.path, one);
    const waves = (await wavesOf(model)).filter((wave) => wave !== "");
    assert.deepEqual(waves.slice(0, 2), [
      "install-engine proxy-01, install-engine proxy-02",
      "load-image proxy-01, load-image proxy-02",
    ]);
    assert.ok(waves.length > 2 && waves.slice(2).every((wave) => wave.startsWith("disturbs ")), waves.join("\n"));
  });

  it("are another image when the file has another content, whatever it is called", async () => {
    const [one, other] = [archive("c"), archive("d")];
    const model = fromImage({ archive: one.path }, []);
    model.archives.set(one.path, one);
    await wavesOf(model);
    model.archives.set(one.path, other);
    for (const host of HOSTS) model.host(host).absent = [other.id];
    const waves = (await wavesOf(model)).filter((wave) => wave !== "");
    assert.equal(waves[0], "load-image proxy-01, load-image proxy-02");
    assert.deepEqual(
      waves.slice(1).map((wave) => wave.split(",").length),
      waves.slice(1).map(() => 1),
    );
  });

  it("that cannot come to one host hold every service of the pool, and say why", async () => {
    const one = archive("e");
    const model = fromImage({ archive: one.path }, []);
    model.archives.set(one.path, { ...one, architecture: "arm64" });
    model.host("proxy-02").absent = [one.id];
    const { plan } = await planOf(model);
    assert.deepEqual(
      plan.blockers.map(({ host, reason }) => `${host} ${reason}`),
      ["proxy-02 ImageUnfit", "proxy-02 ImageUnfit"],
    );
    const services = nextWave({ ...plan, steps: plan.steps.filter(({ stage }) => stage === "services") });
    assert.deepEqual(services.kind === "steps" ? services.steps : [], []);
  });

  it("that are to be built are built on one host, and go from there to the others", async () => {
    const built = archive("f");
    const model = fromImage({ build: { base: "debian:13" } }, [built.id, `sha256:${"0".repeat(64)}`]);
    const { plan } = await planOf(model);
    assert.deepEqual(
      plan.steps.map(({ host, change }) => `${host} ${change.kind}`),
      ["proxy-01 build-image", "proxy-01 build-image"],
      "nothing else is known yet",
    );
    assert.deepEqual(plan.blockers, []);
    for (const service of ["haproxy", "pgbouncer"] as const)
      model.archives.set(imageRecipe(service, "debian:13").digest, built);
    model.host("proxy-01").absent = [];
    const after = (await planOf(model)).plan.steps.filter(({ change }) => change.kind === "load-image");
    assert.deepEqual([...new Set(after.map(({ host }) => host))], ["proxy-02"]);
  });

  it("that are pulled come to every host by their digest before any service is touched", async () => {
    const reference = `registry.example.com:5000/team/any@sha256:${"9".repeat(64)}`;
    const model = fromImage({ reference }, [reference]);
    const waves = (await wavesOf(model)).filter((wave) => wave !== "");
    assert.equal(waves[0], "pull-image proxy-01, pull-image proxy-02");
    assert.ok(waves.length > 1 && waves.slice(1).every((wave) => wave.startsWith("disturbs ")), waves.join("\n"));
    for (const name of ["/etc/systemd/system/pgha-haproxy.service", "/etc/systemd/system/pgha-pgbouncer.service"])
      assert.match(model.host("proxy-01").files.get(name)?.content ?? "", / sha256:9{64} /, name);
  });

  it("that want a login say what the Secret lacks, and only where something is to be pulled", async () => {
    const reference = `registry.example.com/any@sha256:${"9".repeat(64)}`;
    const image = { reference, pullSecretRef: { name: "registry" } };
    const { plan } = await planOf(fromImage(image, [reference]));
    const found = plan.blockers.filter(({ reason }) => reason === "SecretUnusable");
    assert.equal(found.length, 2);
    assert.match(found[0]?.why ?? "", /pullSecretRef: there is no Secret registry/);
    const wave = nextWave(plan);
    assert.deepEqual(wave.kind === "steps" ? wave.steps : [], []);
    const there = await planOf(fromImage(image, []));
    assert.deepEqual(there.plan.blockers, []);
  });
});

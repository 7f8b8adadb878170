import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredImage, ImageArchive } from "../../../src/desired/image.ts";
import type { EngineFact } from "../../../src/facts/systemd/engine.ts";
import { planImages } from "../../../src/plan/images.ts";
import type { ImagesOnHost } from "../../../src/plan/images.ts";

const ID = `sha256:${"a1".repeat(32)}`;
const ARCHIVE: ImageArchive = {
  path: "/i.tar",
  id: ID,
  architecture: "amd64",
  bytes: 300 * 2 ** 20,
  compression: "none",
};
const IMAGE: DesiredImage = { title: "HAProxy", id: ID, archive: ARCHIVE };
const ENGINE = {
  answers: true,
  version: "26.1.5",
  architecture: "amd64",
  driver: "overlay2",
  containerdStore: false,
  root: "/var/lib/docker",
  freeMiB: 20_000,
  liveRestore: true,
  cgroupDriver: "systemd",
  security: ["seccomp"],
} as const satisfies EngineFact;

function on(changes: Partial<ImagesOnHost> & { readonly is?: Partial<typeof ENGINE | object> } = {}): ImagesOnHost {
  const { is = {}, ...rest } = changes;
  const engine = { ...ENGINE, ...is } as EngineFact;
  return { host: "proxy-01", images: [IMAGE], isPresent: () => false, engine, ...rest };
}

function silent(why: "absent" | "refused" | "silent", loadState: string, activeState: string): EngineFact {
  return { answers: false, why, loadState, activeState };
}

function planned(...hosts: readonly ImagesOnHost[]) {
  const { steps, blockers, warnings } = planImages("HAProxyPool/p", "host", hosts);
  return {
    steps: steps.map(({ host, change }) => `${host} ${change.kind}`),
    blockers: blockers.map(({ reason, why, wayOut }) => ({ reason, why, wayOut })),
    warnings: warnings.map(({ reason }) => reason),
  };
}

const NOTHING = { steps: [], blockers: [], warnings: [] };
const NONE = silent("absent", "not-found", "inactive");

describe("the images of a host", () => {
  it("are brought where they are not, and nothing is planned where they are", () => {
    assert.deepEqual(planned(on()), { ...NOTHING, steps: ["proxy-01 load-image"] });
    assert.deepEqual(planned(on({ isPresent: (id) => id === ID })), NOTHING);
    assert.deepEqual(planned(on(), on({ host: "proxy-02" })).steps, ["proxy-01 load-image", "proxy-02 load-image"]);
  });

  it("come after the engine: installed where there is none, started where it stopped", () => {
    assert.deepEqual(planned(on({ engine: NONE })).steps, ["proxy-01 install-engine"]);
    for (const state of ["inactive", "failed"])
      for (const why of ["absent", "refused"] as const)
        assert.deepEqual(planned(on({ engine: silent(why, "loaded", state) })).steps, ["proxy-01 start-unit"], state);
  });

  it("wait for a person where the engine is masked, hangs, or is nobody's that is known", () => {
    const found = (engine: EngineFact) => {
      const { steps, blockers } = planned(on({ engine }));
      assert.deepEqual(steps, []);
      assert.equal(blockers[0]?.reason, "EngineMissing");
      return `${blockers[0].why} / ${blockers[0].wayOut}`;
    };
    assert.match(found(silent("absent", "masked", "inactive")), /is masked \/ Unmask it: systemctl unmask/);
    assert.match(found(silent("silent", "loaded", "active")), /does not answer at .*is active \/ .*journalctl/);
    assert.match(found(silent("refused", "loaded", "activating")), /is activating/);
    assert.match(found(silent("refused", "not-found", "inactive")), /is not there \/ See who made/);
  });

  it("are not given to an engine that is unfit, which says why and what to do", () => {
    const cases = [
      [{ root: "/var/lib/containers/storage" }, /podman/],
      [{ root: "/var/snap/docker/common/var-lib-docker" }, /snap/],
      [{ security: ["rootless"] }, /without root/],
      [{ containerdStore: true }, /containerd/],
      [{ cgroupDriver: "none" }, /control groups/],
      [{ version: "19.03.15" }, /older than 20\.10/],
    ] as const;
    for (const [is, why] of cases) {
      const { steps, blockers } = planned(on({ is }));
      assert.deepEqual(steps, []);
      assert.deepEqual(
        blockers.map(({ reason }) => reason),
        ["EngineUnfit"],
      );
      assert.match(blockers[0]?.why ?? "", why);
      assert.match(blockers[0]?.wayOut ?? "", /^[A-Z].*\.$/);
    }
  });

  it("are brought all the same where the engine is only not as it should be, and that is said", () => {
    assert.deepEqual(planned(on({ is: { driver: "vfs", liveRestore: false } })), {
      steps: ["proxy-01 load-image"],
      blockers: [],
      warnings: ["EngineUnfit", "LiveRestoreOff"],
    });
  });

  it("need room, twice their own while they are loaded", () => {
    assert.deepEqual(planned(on({ is: { freeMiB: 856 } })).steps, ["proxy-01 load-image"]);
    const full = planned(on({ is: { freeMiB: 855 } }));
    assert.deepEqual(full.steps, []);
    assert.match(full.blockers[0]?.why ?? "", /\/var\/lib\/docker has 855 MiB free, .* want 856/);
    assert.deepEqual(planned(on({ is: { freeMiB: 12 }, isPresent: () => true })), {
      ...NOTHING,
      warnings: ["DiskFull"],
    });
    const { freeMiB: _, ...unknown } = ENGINE;
    assert.deepEqual(planned(on({ engine: unknown })).steps, ["proxy-01 load-image"]);
  });

  it("are for the machine that the host is, and there if nobody brings them", () => {
    const other = planned(on({ is: { architecture: "arm64" } }));
    assert.deepEqual([other.steps, other.blockers[0]?.reason], [[], "ImageUnfit"]);
    const { archive: _, ...byHand } = IMAGE;
    const missing = planned(on({ images: [byHand] }));
    assert.deepEqual([missing.steps, missing.blockers[0]?.reason], [[], "ImageMissing"]);
    assert.deepEqual(planned(on({ images: [byHand], isPresent: () => true })), NOTHING);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describe as words } from "../../../src/changes/describe.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { planOf, takeAll } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { volumeUuidOf } from "../../model/model-volume.ts";
import type { ModelVolume } from "../../model/model-volume.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const UNIT = "/etc/systemd/system/opt-keybuzz-postgres-data.mount";
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"] as const;

/** The stack whose cluster mounts its volumes, by label, or each host its own by UUID. */
function mounting(by: "label" | "uuid" = "uuid"): ReturnType<typeof sampleStack> {
  const stack = sampleStack();
  return {
    ...stack,
    clusters: stack.clusters.map((cluster) => {
      const { hosts, postgresql } = cluster.spec;
      const mount = by === "label" ? { label: "pgdata", options: ["noatime"] } : { options: ["noatime"] };
      return {
        ...cluster,
        spec: {
          ...cluster.spec,
          hosts: hosts.map((host) => (by === "uuid" ? { ...host, volume: { uuid: volumeUuidOf(host.name) } } : host)),
          postgresql: { ...postgresql, dataVolume: { ...postgresql.dataVolume, mount } },
        },
      };
    }),
  };
}

const unmounted: ModelVolume = { isMounted: false, found: {} };

/** A world in which these hosts were rebuilt, with their volumes attached. */
function rebuilt(model: ModelWorld, hosts: readonly string[], volume: ModelVolume = unmounted): ModelWorld {
  const other = model.copy();
  for (const name of hosts) {
    const host = other.host(name);
    host.base.volume = volume;
    host.active.clear();
    host.enabled.clear();
    host.files.clear();
  }
  return other;
}

const before = new ModelWorld(mounting());
for (const name of MEMBERS) before.host(name).base.volume = unmounted;
await takeAll(before);

const unitOn = (model: ModelWorld, host: string): string => model.host(host).files.get(UNIT)?.content ?? "";

describe("a data volume that pgha mounts", () => {
  it("is mounted on fresh hosts before anything else of the cluster is done, and is there after a boot", async () => {
    const model = new ModelWorld(mounting());
    for (const name of MEMBERS) model.host(name).base.volume = unmounted;
    const { plan } = await planOf(model);
    assert.deepEqual(plan.blockers, []);
    const wave = nextWave(plan);
    const first = wave.kind === "steps" ? wave.steps.filter(({ resource }) => resource.startsWith("Postgres")) : [];
    assert.deepEqual(
      first.map(({ host, change }) => `${host} ${change.kind}`),
      MEMBERS.flatMap((host) => [`${host} write-file`, `${host} mount-volume`]),
    );
    const uuid = volumeUuidOf("db-slave-01");
    assert.match(
      unitOn(before, "db-slave-01"),
      new RegExp(
        `^What=/dev/disk/by-uuid/${uuid}\nWhere=/opt/keybuzz/postgres/data\nType=xfs\nOptions=nofail,noatime$`,
        "m",
      ),
    );
    assert.deepEqual((await planOf(before)).plan, { steps: [], waits: [], blockers: [], warnings: [] });
  });

  it("is named by label as well", async () => {
    const model = new ModelWorld(mounting("label"));
    for (const name of MEMBERS) model.host(name).base.volume = unmounted;
    await takeAll(model);
    assert.match(unitOn(model, "db-slave-02"), /^What=\/dev\/disk\/by-label\/pgdata$/m);
  });

  it("is mounted again where a unit was taken away, or would not come up with the host", async () => {
    const model = before.copy();
    model.host("db-slave-01").files.delete(UNIT);
    model.host("db-slave-02").base.volume = { isMounted: true, found: { isEnabled: false } };
    const { plan } = await planOf(model);
    assert.deepEqual(
      plan.steps.map(({ host, change }) => `${host}: ${words(change)}`),
      [
        `db-slave-01: write ${UNIT}`,
        `db-slave-02: have UUID=${volumeUuidOf("db-slave-02")} mounted at /opt/keybuzz/postgres/data with each boot`,
      ],
    );
    await takeAll(model);
    assert.deepEqual((await planOf(model)).plan.steps, []);
  });
});

describe("rebuilt hosts with their volumes attached", () => {
  it("are mounted before it is said what their data is, and nothing seems lost meanwhile", async () => {
    const model = rebuilt(before, MEMBERS);
    const { plan } = await planOf(model);
    assert.deepEqual(plan.blockers, []);
    const wave = nextWave(plan);
    const kinds = wave.kind === "steps" ? wave.steps.map(({ change }) => change.kind) : [];
    assert.ok(kinds.includes("mount-volume"));
    assert.ok(!kinds.includes("record-bootstrap-intent") && !kinds.includes("start-unit"), kinds.join());
    await takeAll(model);
    assert.equal(model.bootstraps, before.bootstraps);
    assert.deepEqual((await planOf(model)).plan.steps, []);
  });

  it("hold up nobody else: of one such member, the others are worked on", async () => {
    const model = rebuilt(before, ["db-slave-02"]);
    model.host("db-slave-01").files.delete("/etc/postgresql-common/createcluster.d/pgha.conf");
    const { plan } = await planOf(model);
    const wave = nextWave(plan);
    const taken = wave.kind === "steps" ? wave.steps : [];
    assert.ok(taken.some(({ host, change }) => host === "db-slave-02" && change.kind === "mount-volume"));
    assert.ok(taken.some(({ host }) => host === "db-slave-01"));
    assert.ok(
      taken.every(({ host, id }) => host !== "db-slave-02" || id.endsWith("/volume") || id.includes(UNIT)),
      taken.map(({ id }) => id).join("\n"),
    );
  });
});

describe("a data volume that cannot be mounted", () => {
  const device = { path: "/dev/vdb", uuid: volumeUuidOf("db-slave-01"), filesystem: "xfs", mountedAt: [] };
  const away = (found: ModelVolume["found"]): ModelVolume => ({ isMounted: false, found });
  const cases: readonly (readonly [string, ModelVolume, string, RegExp])[] = [
    ["no device has that name", away({ devices: [] }), "VolumeMissing", /no device there has a filesystem with UUID=/],
    [
      "it is mounted elsewhere",
      away({ devices: [{ ...device, mountedAt: ["/mnt/old"] }] }),
      "VolumeInUse",
      /\(\/dev\/vdb\) is mounted at \/mnt\/old already/,
    ],
    [
      "data lies under the mount point",
      away({ entries: 3 }),
      "MountPointTaken",
      /3 entries in that directory would be hidden/,
    ],
    ["the mount point is a link", away({ isLink: true }), "MountPointTaken", /is a symbolic link/],
    [
      "another filesystem is mounted there",
      { isMounted: true, found: {}, uuid: "feed" },
      "MountPointTaken",
      /another filesystem mounted, UUID=feed/,
    ],
    [
      "fstab names another",
      away({ fstab: 'UUID="0000-feed"' }),
      "MountPointTaken",
      /\/etc\/fstab would mount UUID="0000-feed"/,
    ],
    ["it is of another kind", away({ devices: [{ ...device, filesystem: "ext4" }] }), "VolumeFilesystem", /is ext4/],
    ["it is no filesystem", away({ devices: [{ ...device, filesystem: "" }] }), "VolumeFilesystem", /is no filesystem/],
    [
      "two have its label",
      away({ devices: [device, { ...device, path: "/dev/vdc", uuid: "another" }] }),
      "VolumeAmbiguous",
      /\/dev\/vdb and \/dev\/vdc all have/,
    ],
  ];
  for (const [what, volume, reason, why] of cases)
    it(`is left alone, with why and the way out: ${what}`, async () => {
      const model = rebuilt(before, MEMBERS);
      model.host("db-slave-01").base.volume = volume;
      const { plan } = await planOf(model);
      assert.ok(plan.steps.every(({ host, change }) => host !== "db-slave-01" || change.kind !== "mount-volume"));
      const blocker = plan.blockers.find((one) => one.host === "db-slave-01" && one.reason === reason);
      assert.equal(blocker?.scope, "everything", JSON.stringify(plan.blockers));
      assert.match(blocker?.why ?? "", why);
      assert.ok((blocker?.wayOut ?? "").length > 10);
      // Nothing of the cluster is done before it is there; what is attached elsewhere may be mounted.
      const wave = nextWave(plan);
      const taken = wave.kind === "steps" ? wave.steps.map(({ change }) => change.kind) : [];
      assert.deepEqual(
        taken.filter((kind) => kind !== "write-file" && kind !== "mount-volume"),
        [],
      );
    });

  it("holds its own host alone where the others serve", async () => {
    const model = rebuilt(before, ["db-slave-01"], away({ devices: [] }));
    const { plan } = await planOf(model);
    assert.deepEqual(
      plan.blockers.filter(({ host }) => host === "db-slave-01").map(({ reason, scope }) => [reason, scope]),
      [["VolumeMissing", "host"]],
    );
  });

  it("is mounted by a line of fstab where that names it, and no unit is written", async () => {
    const uuid = volumeUuidOf("db-slave-01");
    const model = rebuilt(before, ["db-slave-01"], away({ fstab: `UUID=${uuid}` }));
    const { plan } = await planOf(model);
    const own = plan.steps.filter(({ host, mends }) => host === "db-slave-01" && mends === true);
    assert.deepEqual(
      own.map(({ change }) => words(change)),
      [`mount UUID=${uuid} (/dev/vdb) at /opt/keybuzz/postgres/data`],
    );
  });
});

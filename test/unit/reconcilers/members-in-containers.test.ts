import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PATRONI, PATRONI_INSIDE } from "../../../src/desired/services.ts";
import type { Step } from "../../../src/plan/plan.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { madeByUs } from "../../../src/reconcilers/removal/made-by-us.ts";
import type { Stack } from "../../../src/reconcilers/stack.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass, StackLooks } from "../../../src/reconcilers/reconcile.ts";
import { PENDING, restartsIn, withLeave } from "../../model/restarts.ts";
import { planOf, takeAll } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const IMAGE = `sha256:${"a".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];

function stackOf(image: string): Stack {
  const stack = structuredClone(sampleStack());
  for (const { spec } of stack.clusters)
    Object.assign(spec, { runtime: "container", container: { image: { id: image } } });
  return stack;
}

async function running(): Promise<ModelWorld> {
  const model = new ModelWorld(stackOf(IMAGE));
  await takeAll(model);
  return model;
}

const pristine = await running();

/** Takes these of the steps that are planned. */
async function planned(model: ModelWorld, which: (step: Step) => boolean): Promise<void> {
  const pass = await planOf(model);
  for (const step of pass.plan.steps.filter(which)) await model.take(step, pass);
}

describe("members in containers", () => {
  it("come up from bare hosts with no package of PostgreSQL's or Patroni's, and then nothing is left to do", async () => {
    const { plan, statuses } = await planOf(pristine);
    assert.deepEqual([plan.steps, plan.waits, plan.blockers], [[], [], []]);
    const status = statuses.get("PostgresHACluster/keybuzz-pg");
    assert.equal(status?.conditions.find(({ type }) => type === "Ready")?.status, "True");
    assert.deepEqual(
      status.hosts.map(({ versions }) => versions["image"]),
      MEMBERS.map(() => "a".repeat(12)),
    );
    for (const name of MEMBERS) assert.deepEqual([...pristine.host(name).packages], ["curl"], name);
  });

  it("own their data by the number that the image's user has", async () => {
    const host = pristine.host("db-slave-01");
    assert.equal(host.files.get(PATRONI.config)?.owner, "70");
    for (const path of ["/opt/keybuzz/postgres/data", "/opt/keybuzz/postgres/data/raft"])
      assert.deepEqual([host.directories.get(path)?.owner, host.directories.get(path)?.group], ["70", "70"], path);
    assert.ok(host.files.has(PATRONI_INSIDE.unitFile) && !host.files.has(PATRONI.unitFile));
  });

  it("are restarted for another image once that may be, one after the other, who leads last", async () => {
    const model = pristine.copy(stackOf(OTHER));
    const { plan, statuses } = await planOf(model);
    const condition = statuses
      .get("PostgresHACluster/keybuzz-pg")
      ?.conditions.find(({ type }) => type === "PendingRestart");
    assert.match(condition?.message ?? "", /it runs from the image a{12} instead of the image b{12}/);
    assert.ok(plan.steps.length > 0);
    const files = plan.steps.flatMap(({ change }) => (change.kind === "write-file" ? [change.file.path] : []));
    assert.deepEqual([...new Set(files)], [PATRONI_INSIDE.unitFile]);
    // Who leads gives the lead away, which restarts PostgreSQL, and then restarts as a replica.
    const shown = await passOver(model.stack, withLeave(model, PENDING), model.looks());
    assert.deepEqual(restartsIn(shown.plan.steps), ["db-slave-01", "db-slave-02", "db-master-01", "db-master-01"]);
  });

  it("are left as they are while another image is still to come, and no restart is decided for it", async () => {
    const model = pristine.copy(stackOf(OTHER));
    for (const name of MEMBERS) model.host(name).absent = [OTHER];
    const { plan, statuses } = await planOf(model);
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(new Set(plan.blockers.map(({ reason }) => reason)), new Set(["ImageMissing"]));
    const pending = statuses
      .get("PostgresHACluster/keybuzz-pg")
      ?.conditions.find(({ type }) => type === "PendingRestart");
    assert.equal(pending?.status, "False");
  });

  it("are not started anywhere before each of them has the image", async () => {
    const model = new ModelWorld(stackOf(IMAGE));
    model.host("db-slave-02").absent = [IMAGE];
    for (let round = 0; round < 30; round += 1) {
      const pass = await planOf(model);
      const wave = nextWave(pass.plan);
      if (wave.kind !== "steps") break;
      for (const step of wave.steps) await model.take(step, pass);
    }
    for (const name of MEMBERS) assert.ok(!model.host(name).active.has(PATRONI.unit), name);
  });

  it("refuse an image with another major version of PostgreSQL, or with none, and say what it has", async () => {
    for (const [servers, says] of [
      [[{ version: "16.2", bin: "/usr/lib/postgresql/16/bin" }], /the image has PostgreSQL 16\.2, .*version is 17/],
      [[], /the image has no PostgreSQL/],
    ] as const) {
      const model = new ModelWorld(stackOf(IMAGE));
      for (const name of MEMBERS) model.host(name).base.inImages = servers;
      const { plan } = await planOf(model);
      const found = plan.blockers.filter(({ reason }) => reason === "ImageUnfit");
      assert.deepEqual(
        found.map(({ host, scope }) => `${host} ${scope}`),
        MEMBERS.map((name) => `${name} everything`),
      );
      assert.match(found[0]?.why ?? "", says);
      assert.deepEqual(
        plan.steps.filter(({ host }) => host !== undefined && MEMBERS.includes(host)),
        [],
      );
    }
  });

  it("are not called Ready, and given nothing, while Docker takes its time to say what it has", async () => {
    for (const image of [
      { engine: false, fault: "nobody says" },
      { engine: true, present: true, isPending: true, fault: "it did not say" },
    ] as const) {
      const model = pristine.copy();
      const slow = (looks: StackLooks): StackLooks =>
        new Map(
          [...looks].map(([name, hosts]) => [
            name,
            name !== "PostgresHACluster/keybuzz-pg"
              ? hosts
              : new Map(
                  [...hosts].map(([host, look]) => [
                    host,
                    (host === "db-slave-01" && look.seen
                      ? { ...look, facts: { ...(look.facts as object), image } }
                      : look) as never,
                  ]),
                ),
          ]),
        );
      const { plan, statuses } = await passOver(model.stack, model.world, slow(model.looks()));
      assert.deepEqual(
        plan.waits.map(({ reason, host }) => `${reason} ${host}`),
        ["HostSlow db-slave-01"],
      );
      assert.deepEqual(plan.blockers, []);
      assert.deepEqual(plan.steps, []);
      const ready = statuses.get("PostgresHACluster/keybuzz-pg")?.conditions.find(({ type }) => type === "Ready");
      assert.notEqual(ready?.status, "True");
    }
  });

  it("say what people are to type as it is typed where Patroni runs in a container", async () => {
    const model = pristine.copy();
    model.databases.push({ name: "old", owner: "keybuzz", connectionLimit: -1, extensions: {} });
    const stack = structuredClone(model.stack);
    await model.world.store.writeRecord("PostgresHACluster", "keybuzz-pg", {
      ...(await model.world.store.readRecord("PostgresHACluster", "keybuzz-pg")),
      declared: { roles: [], databases: [{ name: "old", extensions: [] }] },
    });
    const { plan } = await planOf(model.copy(stack));
    const found = plan.warnings.find(({ reason }) => reason === "NoLongerDeclared");
    assert.match(found?.message ?? "", /docker exec pgha-patroni psql -h \/run\/postgresql -U postgres -d postgres -c/);
  });

  it("say that they run from different images while they do", async () => {
    const model = pristine.copy(stackOf(OTHER));
    const host = model.host("db-slave-02");
    await planned(model, (step) => step.change.kind === "write-file" && step.host === host.name);
    host.kill(PATRONI.unit, true);
    const skewOf = ({ plan, statuses }: Pass) => {
      const conditions = statuses.get("PostgresHACluster/keybuzz-pg")?.conditions ?? [];
      const { status, reason, message } = conditions.find(({ type }) => type === "VersionSkew") ?? {};
      const warnings = plan.warnings.filter((warning) => warning.reason === "VersionSkew");
      return { warnings: warnings.map((warning) => warning.message), status, reason, message };
    };
    const message =
      "members run from different images: db-master-01 and db-slave-01 from aaaaaaaaaaaa, db-slave-02 from bbbbbbbbbbbb";
    assert.deepEqual(skewOf(await planOf(model)), {
      warnings: [message],
      status: "True",
      reason: "VersionSkew",
      message,
    });
    const same = { warnings: [], status: "False", reason: "SameImage", message: "" };
    assert.deepEqual(skewOf(await planOf(pristine)), same);
  });

  it("are not given the directory alone of data that belong to another user", async () => {
    const model = pristine.copy(stackOf(IMAGE));
    const path = "/opt/keybuzz/postgres/data/pgdata";
    model.host("db-slave-01").directories.set(path, { owner: "postgres", group: "postgres", mode: 0o700 });
    const { plan } = await planOf(model);
    const found = plan.blockers.filter(({ reason }) => reason === "DataOfOtherUser");
    assert.deepEqual(
      found.map(({ host, scope }) => `${host} ${scope}`),
      ["db-slave-01 host"],
    );
    assert.match(found[0]?.wayOut ?? "", /chown -R 70:70 \/opt\/keybuzz\/postgres\/data$/);
    const wave = nextWave(plan);
    assert.deepEqual(wave.kind === "steps" ? wave.steps : [], []);
  });

  it("say of what is missing in their image that another image has to have it", async () => {
    const model = new ModelWorld(stackOf(IMAGE));
    for (const name of MEMBERS)
      model.host(name).absent = ["/usr/share", "/usr/local/share"].map((folder) =>
        folder === "/usr/share"
          ? "/usr/share/postgresql/17/extension/vector.control"
          : "/usr/local/share/postgresql/extension/vector.control",
      );
    const { plan } = await planOf(model);
    const found = plan.blockers.filter(({ reason }) => reason === "ExtensionUnavailable");
    assert.equal(found.length, MEMBERS.length);
    assert.match(found[0]?.why ?? "", /^its image has not the extension vector/);
    assert.match(found[0]?.wayOut ?? "", /^Name an image that has it/);
  });

  it("take their own unit with them when they are deleted", () => {
    const [cluster] = stackOf(IMAGE).clusters;
    assert.ok(cluster !== undefined);
    const { files } = madeByUs(cluster);
    assert.ok(files.includes(PATRONI_INSIDE.unitFile) && !files.includes(PATRONI.unitFile));
  });
});

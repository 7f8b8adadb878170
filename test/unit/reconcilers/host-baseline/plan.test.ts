import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { whyHandsOff } from "../../../../src/api/annotations.ts";
import { nextWave } from "../../../../src/plan/wave.ts";
import { planOf, takeAll } from "../../../model/converge.ts";
import { ModelWorld } from "../../../model/model-world.ts";
import { stackWithBaseline } from "../../../model/sample-stack.ts";
import { asking as askingOf, BASE, ownSteps, readyOf } from "./asking.ts";

const pristine = new ModelWorld(stackWithBaseline());
await takeAll(pristine);

const asking = (spec: object, model: ModelWorld = pristine): ModelWorld => askingOf(spec, model);

describe("a HostBaseline that is in force", () => {
  it("plans nothing, and is Ready on every host of its stack", async () => {
    const pass = await planOf(pristine.copy());
    assert.deepEqual(pass.plan, { steps: [], waits: [], blockers: [], warnings: [] });
    const status = pass.statuses.get(BASE);
    assert.equal(status?.phase, "Ready");
    assert.deepEqual(
      status.hosts.map(({ name, state }) => `${name} ${state}`),
      ["db-master-01", "db-slave-01", "db-slave-02", "proxy-01", "proxy-02"].map((name) => `${name} InForce`),
    );
  });

  it("has memory settings on members alone, and what somebody wrote in place of a default and of its rival", () => {
    const member = pristine.host("db-slave-01").base.sysctl;
    const proxy = pristine.host("proxy-01").base.sysctl;
    assert.deepEqual([member.get("vm/swappiness"), proxy.get("vm/swappiness")], ["1", undefined]);
    assert.deepEqual([member.get("net/core/somaxconn"), proxy.get("net/core/somaxconn")], ["8192", "8192"]);
    assert.deepEqual([member.get("vm/dirty_ratio"), member.get("vm/dirty_bytes")], ["10", undefined]);
    const file = pristine.host("db-slave-01").files.get("/etc/sysctl.d/99-zz-pgha.conf")?.content ?? "";
    assert.match(file, /^# Written by pgha[^]*^-net\.core\.somaxconn = 8192$/m);
    assert.doesNotMatch(file, /dirty_bytes/);
  });
});

describe("what drifted of a base", () => {
  const drifts: readonly (readonly [string, (model: ModelWorld) => void, RegExp])[] = [
    [
      "a running value",
      (model) => model.host("proxy-01").base.sysctl.set("net/core/somaxconn", "128"),
      /^proxy-01: set 1 kernel setting: net\.core\.somaxconn = 8192 \(now 128\)$/,
    ],
    [
      "the file for the next boot",
      (model) => model.host("proxy-01").files.delete("/etc/sysctl.d/99-zz-pgha.conf"),
      /^proxy-01: write 99-zz-pgha\.conf$/,
    ],
    ["a package", (model) => model.host("proxy-01").packages.delete("rsync"), /^proxy-01: install rsync/],
    [
      "the time zone",
      (model) => (model.host("proxy-01").base.timezone = "Asia/Tokyo"),
      /^proxy-01: set the time zone Europe\/Berlin \(now Asia\/Tokyo\)$/,
    ],
  ];
  for (const [what, drift, line] of drifts)
    it(`is planned by itself, and put back: ${what}`, async () => {
      const model = pristine.copy();
      drift(model);
      const steps = ownSteps(await planOf(model));
      assert.equal(steps.length, 1, steps.join("\n"));
      assert.match(steps[0] ?? "", line);
      await takeAll(model);
      assert.deepEqual(model.state, pristine.state);
    });

  it("leaves more of what may be more, and writes that down", async () => {
    const model = pristine.copy();
    model.host("proxy-01").base.sysctl.set("fs/inotify/max_user_watches", "9000000000000");
    assert.deepEqual(ownSteps(await planOf(model)), ["proxy-01: rewrite 99-zz-pgha.conf"]);
    await takeAll(model);
    assert.equal(model.host("proxy-01").base.sysctl.get("fs/inotify/max_user_watches"), "9000000000000");
  });

  it("tells who notices a time zone", async () => {
    const { plan } = await planOf(asking({ timezone: "UTC" }));
    const [step] = plan.steps.filter(({ change }) => change.kind === "set-timezone");
    assert.match(step?.noticed ?? "", /keeps the old time zone until it is restarted/);
    assert.equal(step?.impact, "none");
  });
});

describe("a kernel setting that a host does not let itself be given", () => {
  it("is a remark if it is a default, and the resource is Ready", async () => {
    const model = pristine.copy();
    const host = model.host("db-slave-02");
    host.base.sysctl.set("vm/swappiness", "60").set("kernel/numa_balancing", "1");
    host.base.fixedSysctl.add("vm/swappiness").add("kernel/numa_balancing");
    const pass = await planOf(model);
    assert.deepEqual(pass.plan.steps, []);
    const [warning, ...more] = pass.plan.warnings;
    assert.deepEqual([warning?.reason, warning?.host, more.length], ["SysctlUnavailable", "db-slave-02", 0]);
    assert.match(warning?.message ?? "", /vm\.swappiness is 60 instead of 1, kernel\.numa_balancing is 1 instead of 0/);
    assert.equal(readyOf(pass)?.status, "True");
  });

  it("keeps it from being Ready if somebody asked for it, and keeps nobody from anything", async () => {
    const model = pristine.copy();
    model.host("proxy-02").base.sysctl.set("net/core/somaxconn", "128");
    model.host("proxy-02").base.fixedSysctl.add("net/core/somaxconn");
    model.host("proxy-02").packages.delete("rsync");
    const pass = await planOf(model);
    assert.match(ownSteps(pass).join(), /proxy-02: install rsync/);
    assert.equal(nextWave(pass.plan).kind, "steps");
    const [blocker] = pass.plan.blockers;
    assert.deepEqual([blocker?.reason, blocker?.scope], ["SysctlUnavailable", "nothing"]);
    assert.match(blocker?.why ?? "", /net\.core\.somaxconn is 128 instead of 8192/);
    assert.equal(readyOf(pass)?.status, "False");
    assert.equal(pass.statuses.get("HAProxyPool/keybuzz-haproxy")?.phase, "Ready");
  });
});

describe("what is taken out of a HostBaseline", () => {
  it("takes pgha's own file along, and nothing else", async () => {
    const model = asking({ sysctl: undefined, packages: [], timezone: undefined });
    assert.match(ownSteps(await planOf(model)).join("\n"), /^proxy-01: remove 99-zz-pgha\.conf$/m);
    await takeAll(model);
    assert.equal(model.host("proxy-01").files.has("/etc/sysctl.d/99-zz-pgha.conf"), false);
    assert.equal(model.host("proxy-01").base.sysctl.get("net/core/somaxconn"), "8192");
    assert.ok(model.host("proxy-01").packages.has("rsync"));
    assert.deepEqual((await planOf(model)).plan.steps, []);
  });

  it("leaves somebody else's file in its place", async () => {
    const model = asking({ sysctl: undefined });
    const host = model.host("proxy-01");
    const file = host.files.get("/etc/sysctl.d/99-zz-pgha.conf");
    assert.ok(file !== undefined);
    host.files.set("/etc/sysctl.d/99-zz-pgha.conf", { ...file, content: "# Somebody's\n" });
    assert.doesNotMatch(ownSteps(await planOf(model)).join("\n"), /proxy-01/);
  });
});

describe("the order of a base and what runs on it", () => {
  it("does nothing else on a host before its base is done, and does it meanwhile where that is done", async () => {
    const model = new ModelWorld(stackWithBaseline());
    let pass = await planOf(model);
    for (let wave = nextWave(pass.plan); wave.kind === "steps"; wave = nextWave(pass.plan)) {
      const busy = new Set(pass.plan.steps.filter(({ resource }) => resource === BASE).map(({ host }) => host));
      for (const { host, resource, id } of wave.steps)
        assert.ok(resource === BASE || host === undefined || !busy.has(host), id);
      for (const step of wave.steps) await model.take(step, pass);
      pass = await planOf(model);
    }
    assert.equal(nextWave(pass.plan).kind, "done");
  });

  it("does not wait for a baseline that is paused, nor on a host that it may not touch", async () => {
    const model = new ModelWorld(asking({ paused: true }).stack);
    const world = { ...model.world, handsOff: whyHandsOff };
    const { passOver } = await import("../../../../src/reconcilers/reconcile.ts");
    const { plan } = await passOver(model.stack, world, model.looks());
    assert.ok(plan.steps.some(({ resource }) => resource === BASE));
    assert.deepEqual(
      plan.steps.filter(({ resource, after = [] }) => resource !== BASE && after.some((id) => id.includes(BASE))),
      [],
    );
  });

  it("touches no machine that is another one than the resource that lists it knows", async () => {
    const model = pristine.copy();
    const { store } = model.world;
    const record = await store.readRecord("HAProxyPool", "keybuzz-haproxy");
    const hosts = { ...record.hosts, "proxy-01": { ...record.hosts["proxy-01"], machineId: "another" } };
    const other = Object.assign(model, {
      world: {
        ...model.world,
        store: {
          ...store,
          readRecord: async (kind: string, name: string) =>
            kind === "HAProxyPool" ? { ...record, hosts } : store.readRecord(kind, name),
        },
      },
    });
    other.host("proxy-01").base.timezone = "UTC";
    const { plan } = await planOf(other);
    const own = plan.blockers.filter(({ resource }) => resource === BASE);
    assert.deepEqual(
      own.map(({ reason, host, scope }) => [reason, host, scope]),
      [["MachineChanged", "proxy-01", "host"]],
    );
    const wave = nextWave({ ...plan, blockers: own });
    assert.notEqual(wave.kind, "steps");
  });
});

describe("huge pages and upgrades", () => {
  const model = asking({ transparentHugePages: "madvise", unattendedUpgrades: "not-databases" });

  it("are set in the running kernel and for the next boot, and told apt", async () => {
    const done = model.copy();
    await takeAll(done);
    const host = done.host("db-slave-01");
    assert.equal(host.base.sysctl.get("/sys/kernel/mm/transparent_hugepage/enabled"), "madvise");
    const path = "/sys/kernel/mm/transparent_hugepage/enabled";
    assert.match(
      host.files.get("/etc/tmpfiles.d/pgha.conf")?.content ?? "",
      new RegExp(`^w! ${path} .* madvise$`, "m"),
    );
    const upgrades = host.files.get("/etc/apt/apt.conf.d/99pgha-unattended-upgrades")?.content ?? "";
    assert.match(upgrades, /Package-Blacklist \{[^]*"\^postgresql";[^]*"\^patroni";[^]*\};/);
    assert.doesNotMatch(host.files.get("/etc/sysctl.d/99-zz-pgha.conf")?.content ?? "", /hugepage/);
    assert.deepEqual((await planOf(done)).plan.steps, []);
    const less = asking({ transparentHugePages: undefined, unattendedUpgrades: undefined }, done);
    await takeAll(less);
    assert.equal(less.host("db-slave-01").files.has("/etc/tmpfiles.d/pgha.conf"), false);
    assert.equal(less.host("db-slave-01").base.sysctl.get(path), "madvise", "until the next boot");
  });
});

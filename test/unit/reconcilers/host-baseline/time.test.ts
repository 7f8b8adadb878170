import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextWave } from "../../../../src/plan/wave.ts";
import { planOf, takeAll } from "../../../model/converge.ts";
import { ModelWorld } from "../../../model/model-world.ts";
import { stackWithBaseline } from "../../../model/sample-stack.ts";
import { asking, BASE, ownSteps, readyOf } from "./asking.ts";

const SOURCES = "/etc/chrony/sources.d/pgha.sources";
const pristine = new ModelWorld(stackWithBaseline());
await takeAll(pristine);

describe("the clock of a HostBaseline", () => {
  it("is kept by chrony where nothing keeps it, which asks the servers of the spec", () => {
    const { base, files, packages } = pristine.host("db-slave-01");
    assert.ok(packages.has("chrony") && base.running.has("chrony.service") && base.enabled.has("chrony.service"));
    assert.match(files.get(SOURCES)?.content ?? "", /^server 10\.0\.9\.1 iburst prefer$/m);
  });

  it("is kept by the service that is there, and no other is installed", async () => {
    const model = new ModelWorld(stackWithBaseline());
    for (const { base } of model.hosts.values()) base.timeService = "systemd-timesyncd.service";
    await takeAll(model);
    const host = model.host("proxy-01");
    assert.equal(host.packages.has("chrony"), false);
    assert.ok(host.base.running.has("systemd-timesyncd.service"));
    assert.match(host.files.get("/etc/systemd/timesyncd.conf.d/zz-pgha.conf")?.content ?? "", /^NTP=10\.0\.9\.1$/m);
    assert.equal((await planOf(model)).plan.blockers.length, 0);
  });

  it("leaves a service alone that takes no servers of pgha's, and says so", async () => {
    const model = asking({ time: {} }, new ModelWorld(stackWithBaseline()));
    for (const { base } of model.hosts.values()) base.timeService = "ntpsec.service";
    await takeAll(model);
    assert.deepEqual((await planOf(model)).plan.blockers, []);
    const { plan } = await planOf(asking({ time: { servers: ["10.0.9.1"] } }, model));
    assert.deepEqual(
      plan.blockers.map(({ reason, scope }) => `${reason} ${scope}`),
      Array.from({ length: 5 }, () => "TimeNotKept nothing"),
    );
    assert.deepEqual(plan.steps, []);
  });

  it("touches no service that somebody masked", async () => {
    const model = new ModelWorld(stackWithBaseline());
    Object.assign(model.host("proxy-01").base, { timeService: "systemd-timesyncd.service", isMasked: true });
    const { plan } = await planOf(model);
    assert.ok(plan.steps.every(({ host, id }) => host !== "proxy-01" || !/time service|timesyncd|chrony/.test(id)));
    assert.match(plan.blockers.find(({ host }) => host === "proxy-01")?.why ?? "", /somebody masked it/);
  });

  const drifts: readonly (readonly [string, (model: ModelWorld) => void, RegExp])[] = [
    [
      "it was stopped",
      (model) => model.host("proxy-01").base.running.delete("chrony.service"),
      /^proxy-01: start chrony$/,
    ],
    [
      "it was disabled",
      (model) => model.host("proxy-01").base.enabled.delete("chrony.service"),
      /^proxy-01: enable chrony and restart chrony/,
    ],
    [
      "its file was edited, read, and put back",
      (model) => {
        const host = model.host("proxy-01");
        const file = host.files.get(SOURCES);
        assert.ok(file !== undefined);
        host.write(SOURCES, file);
      },
      /^proxy-01: restart chrony, which reads its files then$/,
    ],
  ];
  for (const [what, drift, line] of drifts)
    it(`is kept again after ${what}`, async () => {
      const model = pristine.copy();
      drift(model);
      const pass = await planOf(model);
      assert.equal(ownSteps(pass).length, 1, ownSteps(pass).join("\n"));
      assert.match(ownSteps(pass)[0] ?? "", line);
      assert.equal(readyOf(pass)?.status, "False");
      await takeAll(model);
      assert.deepEqual(model.state, pristine.state);
      assert.deepEqual((await planOf(model)).plan.steps, []);
    });

  it("is waited for while no server answers, with the servers that do not", async () => {
    const model = pristine.copy();
    model.host("db-slave-02").base.isSynchronised = false;
    const pass = await planOf(model);
    const [wait, ...more] = pass.plan.waits;
    assert.deepEqual(
      [wait?.reason, wait?.host, wait?.holds, more.length],
      ["ClockNotSynchronised", "db-slave-02", "settle", 0],
    );
    assert.match(wait?.wayOut ?? "", /reach 10\.0\.9\.1 by UDP port 123/);
    assert.equal(readyOf(pass)?.status, "False");
    assert.equal(
      pass.statuses.get(BASE)?.hosts.find(({ name }) => name === "db-slave-02")?.state,
      "ClockNotSynchronised",
    );
    assert.equal(pass.statuses.get("PostgresHACluster/keybuzz-pg")?.phase, "Ready");
  });

  it("is said to ask elsewhere only where chrony tells whom it asks", async () => {
    const about = async (servers: readonly string[]): Promise<readonly string[]> => {
      const model = pristine.copy();
      model.host("proxy-01").base.servers = servers;
      return (await planOf(model)).plan.blockers.map(({ reason, host }) => `${host} ${reason}`);
    };
    assert.deepEqual(await about(["2.debian.pool.ntp.org"]), ["proxy-01 TimeNotKept"]);
    assert.deepEqual(await about([]), [], "it did not answer");
  });

  it("is not Ready while it is off, and is shown", async () => {
    const model = pristine.copy();
    model.host("proxy-02").base.clockOffsetMs = -900;
    const pass = await planOf(model);
    const own = pass.plan.blockers.filter(({ resource }) => resource === BASE);
    assert.deepEqual(
      own.map(({ reason, host, scope }) => [reason, host, scope]),
      [["ClockSkew", "proxy-02", "nothing"]],
    );
    assert.match(own[0]?.why ?? "", /is -0\.9 s off/);
    const measured = pass.statuses.get(BASE)?.measured?.hosts.find(({ name }) => name === "proxy-02");
    assert.deepEqual([measured?.clockOffsetSeconds, measured?.isClockKept], [-0.9, true]);
  });

  it("is set right on hosts that nothing else may be done to because it is off", async () => {
    const model = new ModelWorld(stackWithBaseline());
    for (const { base } of model.hosts.values()) base.clockOffsetMs = 20_000;
    const { plan } = await planOf(model);
    assert.ok(plan.blockers.some(({ reason, scope }) => reason === "ClockSkew" && scope === "everything"));
    const wave = nextWave(plan);
    const taken = wave.kind === "steps" ? wave.steps : [];
    assert.ok(taken.length >= 5);
    for (const { id } of taken) assert.match(id, /time service|pgha\.sources|chrony\.service/);
    const install = taken.find(({ change }) => change.kind === "install-packages")?.change;
    assert.deepEqual(install?.kind === "install-packages" ? install.missing : [], ["chrony"]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { whyReboot } from "../../../../src/plan/kernels.ts";
import { planOf, takeAll } from "../../../model/converge.ts";
import { ModelWorld } from "../../../model/model-world.ts";
import { stackWithBaseline } from "../../../model/sample-stack.ts";
import { asking, BASE, ownSteps, readyOf } from "./asking.ts";

const pristine = new ModelWorld(stackWithBaseline());
await takeAll(pristine);

describe("swap that is not wanted", () => {
  const swapping = (usedMiB: number): ModelWorld => {
    const model = pristine.copy();
    const { base } = model.host("db-slave-01");
    base.swap = { ...base.swap, active: [{ path: "/swapfile", usedMiB }], inFstab: ["/swapfile"] };
    return model;
  };

  it("is turned off, and commented out for the next boot", async () => {
    const model = swapping(100);
    assert.deepEqual(ownSteps(await planOf(model)), [
      "db-slave-01: turn swap off: /swapfile; comment swap out in /etc/fstab",
    ]);
    await takeAll(model);
    assert.deepEqual((await planOf(model)).plan.steps, []);
    const less = asking({ swap: undefined }, model);
    assert.deepEqual(ownSteps(await planOf(less)), [
      "db-slave-01: put the lines of swap back that pgha commented out in /etc/fstab",
    ]);
    await takeAll(less);
    assert.deepEqual((await planOf(less)).plan.steps, []);
  });

  it("stays on where memory does not hold what is swapped out, and is said", async () => {
    const model = swapping(1900);
    const pass = await planOf(model);
    assert.deepEqual(ownSteps(pass), ["db-slave-01: comment swap out in /etc/fstab"]);
    assert.deepEqual(
      pass.plan.blockers.map(({ reason, scope }) => [reason, scope]),
      [["SwapInUse", "nothing"]],
    );
    assert.equal(readyOf(pass)?.status, "False");
  });
});

describe("huge pages for shared_buffers", () => {
  const wishing = (): ModelWorld => asking({ hugePages: "shared-buffers" }, pristine);
  const NR = "vm/nr_hugepages";

  it("are reserved on members alone, as many as shared_buffers take, and written down", async () => {
    const model = wishing();
    for (const { base } of model.hosts.values()) base.sysctl.set(NR, "0");
    await takeAll(model);
    // 256 MiB and a tenth, in pages of 2 MiB.
    assert.deepEqual(
      ["db-slave-01", "proxy-01"].map((host) => model.host(host).base.sysctl.get(NR)),
      ["141", "0"],
    );
    const file = "/etc/sysctl.d/99-zz-pgha.conf";
    assert.match(model.host("db-slave-01").files.get(file)?.content ?? "", /^-vm\.nr_hugepages = 141$/m);
    assert.doesNotMatch(model.host("proxy-01").files.get(file)?.content ?? "", /hugepages/);
    assert.deepEqual((await planOf(model)).plan.steps, []);
  });

  it("wait for a reboot where memory has no room, or the kernel found fewer", async () => {
    for (const lack of [{ availableMiB: 590 }, { hugePagesTried: 141 }]) {
      const model = wishing();
      await takeAll(model);
      Object.assign(model.host("db-slave-01").base, { hugePagesTried: undefined }, lack).sysctl.set(NR, "100");
      const { plan, statuses } = await planOf(model);
      assert.deepEqual(plan.steps, []);
      assert.deepEqual(
        plan.blockers.map(({ reason, host, scope }) => [reason, host, scope]),
        [["RebootNeeded", "db-slave-01", "nothing"]],
      );
      assert.equal(statuses.get(BASE)?.conditions.find(({ type }) => type === "RebootNeeded")?.status, "True");
    }
  });
});

describe("files that services of the distribution read", () => {
  for (const [unit, path, content] of [
    ["systemd-journald.service", "/etc/systemd/journald.conf.d/zz-pgha.conf", /^SystemMaxUse=1G$/m],
    ["systemd-logind.service", "/etc/systemd/logind.conf.d/zz-pgha.conf", /^RemoveIPC=no$/m],
    ["fail2ban.service", "/etc/fail2ban/jail.d/zz-pgha.local", /^bantime = 1d$/m],
  ] as const)
    it(`is read by ${unit}, again after every change of it, a change back among these`, async () => {
      assert.match(pristine.host("proxy-01").files.get(path)?.content ?? "", content);
      const model = pristine.copy();
      const host = model.host("proxy-01");
      const file = host.files.get(path);
      assert.ok(file !== undefined);
      host.write(path, { ...file, content: "# edited\n" });
      assert.equal(ownSteps(await planOf(model)).length, 2);
      host.write(path, file);
      const { plan } = await planOf(model);
      assert.deepEqual(
        plan.steps.map(({ change, impact }) => [change.kind, impact]),
        [["tell-service", "none"]],
      );
      await takeAll(model);
      assert.deepEqual((await planOf(model)).plan.steps, []);
    });

  it("go with what is taken out of the spec", async () => {
    const model = asking({ journal: undefined, removeIpc: undefined, time: undefined, fail2ban: undefined }, pristine);
    await takeAll(model);
    const left = [...model.host("proxy-01").files.keys()].filter((path) =>
      /zz-pgha\.(conf|local)|pgha\.sources/.test(path),
    );
    assert.deepEqual(left, ["/etc/sysctl.d/99-zz-pgha.conf"]);
    assert.ok(model.host("proxy-01").base.running.has("chrony.service"));
    assert.deepEqual((await planOf(model)).plan.steps, []);
  });

  it("has logins' limits in a file that the next login reads", async () => {
    const model = asking({ limits: { openFiles: 65536 } }, pristine);
    await takeAll(model);
    const text = model.host("db-slave-01").files.get("/etc/security/limits.d/zz-pgha.conf")?.content ?? "";
    assert.match(text, /^\* - nofile 65536\nroot - nofile 65536$/m);
  });
});

describe("a reboot that is needed", () => {
  const none = { running: "6.12.9-1-amd64", installed: [], isAsked: false, isContainer: false };

  it("is told by a newer kernel of the same flavour, by its numbers", () => {
    const after = (...installed: readonly string[]): string | undefined => whyReboot({ ...none, installed });
    assert.equal(after(), undefined);
    assert.equal(after("6.12.9-1-amd64", "6.1.0-40-amd64"), undefined);
    assert.match(after("6.12.9-1-amd64", "6.12.10-1-amd64") ?? "", /runs the kernel 6\.12\.9-1-amd64, and 6\.12\.10-1/);
    assert.match(after("6.12.9-2-amd64") ?? "", /6\.12\.9-2/);
    assert.equal(after("6.13.0-1-cloud-amd64"), undefined, "another flavour is no successor");
    const ubuntu = { ...none, running: "6.8.0-45-generic", installed: ["6.8.0-45-generic", "6.8.0-100-generic"] };
    assert.match(whyReboot(ubuntu) ?? "", /6\.8\.0-100-generic/);
    const trixie = { ...none, running: "6.12.48+deb13-amd64", installed: ["6.12.57+deb13-amd64"] };
    assert.match(whyReboot(trixie) ?? "", /6\.12\.57\+deb13-amd64/);
  });

  it("is none of a container's, whatever lies in its /boot", () => {
    assert.equal(whyReboot({ ...none, installed: ["7.0.0-1-amd64"], isContainer: true }), undefined);
  });

  it("is said in plan, condition and figures, and never done", async () => {
    const model = pristine.copy();
    Object.assign(model.host("db-slave-02").base.kernels, { isAsked: true });
    const pass = await planOf(model);
    assert.deepEqual(pass.plan.steps, []);
    assert.deepEqual(
      pass.plan.warnings.map(({ reason, host }) => [reason, host]),
      [["RebootNeeded", "db-slave-02"]],
    );
    const status = pass.statuses.get(BASE);
    const condition = status?.conditions.find(({ type }) => type === "RebootNeeded");
    assert.deepEqual([condition?.status, condition?.reason], ["True", "RebootNeeded"]);
    assert.match(condition?.message ?? "", /^db-slave-02 needs a reboot: /);
    assert.deepEqual(
      status?.measured?.hosts.filter(({ needsReboot }) => needsReboot).map(({ name }) => name),
      ["db-slave-02"],
    );
    assert.match(status?.hosts.find(({ name }) => name === "db-slave-02")?.message ?? "", /it needs a reboot$/);
    assert.equal(readyOf(pass)?.status, "True");
  });
});

describe("fail2ban", () => {
  it("never bans the stack, its administrators or whom the spec names, and has what it needs", async () => {
    const model = asking(
      { fail2ban: { ignore: ["192.0.2.0/24"] }, firewall: { adminNetworks: ["10.0.9.0/24"] } },
      new ModelWorld(stackWithBaseline()),
    );
    await takeAll(model);
    const host = model.host("db-slave-01");
    const text = host.files.get("/etc/fail2ban/jail.d/zz-pgha.local")?.content ?? "";
    assert.match(text, /^ignoreip = 127\.0\.0\.0\/8 ::1 (10\.0\.0\.\d+ )+10\.0\.9\.0\/24 192\.0\.2\.0\/24$/m);
    assert.match(
      text,
      /^\[sshd\]\nenabled = true\nbackend = systemd\nmode = aggressive\nbanaction = nftables\nport = 22\nmaxretry = 5$/m,
    );
    for (const name of ["fail2ban", "python3-systemd", "nftables"]) assert.ok(host.packages.has(name), name);
    assert.ok(host.base.running.has("fail2ban.service"));
    assert.ok(host.base.enabled.has("fail2ban.service"));
  });

  it("is said to be masked, and left so", async () => {
    const model = pristine.copy();
    const { base } = model.host("db-slave-01");
    base.running.delete("fail2ban.service");
    base.isMasked = true;
    const { plan } = await planOf(model);
    assert.deepEqual(plan.steps, []);
    assert.ok(plan.blockers.some(({ reason, host }) => reason === "ServiceMasked" && host === "db-slave-01"));
  });
});

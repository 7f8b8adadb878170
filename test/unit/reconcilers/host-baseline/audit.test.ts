import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { AuditFact } from "../../../../src/facts/audit.ts";
import { AUDIT_DEFAULTS } from "../../../../src/reconcilers/host-baseline/audit.ts";
import { planOf, takeAll } from "../../../model/converge.ts";
import { ModelWorld } from "../../../model/model-world.ts";
import { stackWithBaseline } from "../../../model/sample-stack.ts";
import { asking, BASE, ownSteps, readyOf } from "./asking.ts";

const FILE = "/etc/audit/rules.d/50-pgha.rules";
const HOST = "db-slave-01";

const pristine = new ModelWorld(stackWithBaseline());
await takeAll(pristine);

/** The same world, where one host audits otherwise. */
function where(change: Partial<AuditFact>, model: ModelWorld = pristine): ModelWorld {
  const copy = model.copy();
  const { base } = copy.host(HOST);
  base.audit = { ...base.audit, ...change };
  return copy;
}

const contentOn = (model: ModelWorld): string => model.host(HOST).files.get(FILE)?.content ?? "";

describe("what the kernel audits", () => {
  it("is loaded beside what others have, once auditd is there and runs", async () => {
    const { packages, base, files } = pristine.host(HOST);
    assert.ok(packages.has("auditd"));
    assert.ok(base.running.has("auditd.service") && base.enabled.has("auditd.service"));
    assert.equal(files.get(FILE)?.mode, 0o640);
    assert.match(contentOn(pristine), /^# Written by pgha.*\n-w \/etc\/passwd -p wa -k identity -k pgha-baseline$/m);
    assert.deepEqual((await planOf(pristine)).plan.steps, []);
    assert.equal(readyOf(await planOf(pristine))?.status, "True");
  });

  it("has a watch on each folder that is there, and on none that is not", async () => {
    assert.match(contentOn(pristine), /^-w \/etc\/patroni\/ -p wa -k cluster/m);
    assert.doesNotMatch(contentOn(pristine), /modules-load/);
    const { folders } = pristine.host(HOST).base.audit;
    const model = where({ folders: [...folders, "/etc/modules-load.d"] });
    assert.deepEqual(ownSteps(await planOf(model)), [`${HOST}: load 21 audit rules of pgha's`]);
    await takeAll(model);
    assert.match(contentOn(model), /^-w \/etc\/modules-load\.d\/ -p wa -k modules/m);
  });

  for (const [what, change, because] of [
    ["somebody emptied the kernel's rules", { loaded: undefined, listed: 0 }, /does not have them as the spec asks/],
    ["somebody switched it off", { switched: "off" }, /switched off/],
  ] as const)
    it(`is put back where ${what}`, async () => {
      const model = where(change);
      const { plan } = await planOf(model);
      assert.deepEqual(
        plan.steps.map(({ host, change: { kind }, impact }) => [host, kind, impact]),
        [[HOST, "load-audit", "none"]],
      );
      assert.match(plan.steps[0]?.because ?? "", because);
      await takeAll(model);
      assert.deepEqual((await planOf(model)).plan.steps, []);
    });

  it("is put back for the next boot where its file was edited, or is open to others", async () => {
    for (const change of [{ content: "-D\n" }, { mode: 0o644 }]) {
      const model = pristine.copy();
      const host = model.host(HOST);
      const file = host.files.get(FILE);
      assert.ok(file !== undefined);
      host.write(FILE, { ...file, ...change });
      const { plan } = await planOf(model);
      assert.deepEqual(
        plan.steps.map(({ because }) => because),
        ["a boot would not load them as the spec asks"],
      );
    }
  });

  it("has auditd started where it does not run, and never restarted", async () => {
    const model = pristine.copy();
    model.host(HOST).base.running.delete("auditd.service");
    model.host("proxy-01").base.enabled.delete("auditd.service");
    assert.deepEqual(ownSteps(await planOf(model)).toSorted(), [`${HOST}: start auditd`, "proxy-01: enable auditd"]);
  });

  it("is taken out with the spec, and auditd stays", async () => {
    const model = asking({ auditd: undefined }, pristine);
    assert.deepEqual(
      ownSteps(await planOf(model)).filter((line) => line.startsWith(HOST)),
      [`${HOST}: remove 50-pgha.rules`, `${HOST}: take pgha's audit rules out`],
    );
    await takeAll(model);
    assert.deepEqual((await planOf(model)).plan.steps, []);
    const { packages, files, base } = model.host(HOST);
    assert.deepEqual([packages.has("auditd"), files.has(FILE), base.audit.loaded], [true, false, undefined]);
    assert.ok(base.running.has("auditd.service"));
  });
});

describe("rules of one's own", () => {
  it("come after pgha's, in one spelling, once each", async () => {
    const rules = [
      "-w /etc/hosts/ -p aw -k hosts",
      "-a exit,always -S openat,open -F arch=b64 -F success=0",
      "-w /etc/passwd -p wa -k identity",
    ];
    const model = asking({ auditd: { rules } }, pristine);
    await takeAll(model);
    assert.match(
      contentOn(model),
      /\n-w \/etc\/hosts -p wa -k hosts -k pgha-baseline\n-a always,exit -F arch=b64 -S open,openat -F success=0 -k pgha-baseline\n$/,
    );
    assert.equal(contentOn(model).match(/\/etc\/passwd/g)?.length, 1);
  });

  it("wait for the folder that they are about, which is said and holds nothing else", async () => {
    const rules = ["-w /srv/app/settings.ini -p wa", "-a always,exit -F dir=/srv/data -F perm=wa"];
    const model = asking({ auditd: { rules } }, pristine);
    const pass = await planOf(model);
    assert.deepEqual(pass.plan.steps, []);
    const [blocker] = pass.plan.blockers;
    assert.deepEqual([blocker?.reason, blocker?.scope], ["AuditRuleRefused", "nothing"]);
    assert.match(
      blocker?.why ?? "",
      /settings\.ini -p wa needs \/srv\/app; .*dir=\/srv\/data -F perm=wa needs \/srv\/data$/,
    );
    assert.equal(readyOf(pass)?.status, "False");
    const there = where({ folders: [...pristine.host(HOST).base.audit.folders, "/srv/app", "/srv/data"] }, model);
    assert.deepEqual(ownSteps(await planOf(there)), [`${HOST}: load 22 audit rules of pgha's`]);
  });

  it("that the kernel refuses are not tried again, and said with its words", async () => {
    const refused = { digest: "", words: "-a always,exit -S nonesuch: auditctl refuses it" };
    const model = asking({ auditd: { rules: ["-a always,exit -F arch=b64 -S nonesuch"] } }, pristine);
    const { plan } = await planOf(model);
    const [change] = plan.steps.filter(({ host }) => host === HOST).map((step) => step.change);
    assert.ok(change?.kind === "load-audit");
    const after = where({ refused: { ...refused, digest: change.digest } }, model);
    const pass = await planOf(after);
    assert.deepEqual(
      ownSteps(pass).filter((line) => line.startsWith(HOST)),
      [],
    );
    assert.match(pass.plan.blockers.find(({ host }) => host === HOST)?.why ?? "", /nonesuch: auditctl refuses it$/);
    assert.deepEqual((await planOf(where({ refused }, pristine))).plan.blockers, [], "of other rules it means nothing");
  });
});

describe("an audit that is locked", () => {
  const locked = { switched: "locked" } as const;

  it("is left alone while it has what the spec asks for", async () => {
    const pass = await planOf(where(locked));
    assert.deepEqual([pass.plan.steps, pass.plan.blockers], [[], []]);
  });

  it("gets other rules written down, and they wait for a reboot, which is said", async () => {
    const model = where(
      { ...locked, loaded: undefined },
      asking({ auditd: { rules: ["-w /etc/hosts -p wa"] } }, pristine),
    );
    assert.deepEqual(
      ownSteps(await planOf(model)).filter((line) => line.startsWith(HOST)),
      [`${HOST}: write pgha's audit rules, for the next boot`],
    );
    await takeAll(model);
    const pass = await planOf(model);
    assert.deepEqual(pass.plan.steps, []);
    assert.deepEqual(
      pass.plan.blockers.map(({ reason, host, scope }) => [reason, host, scope]),
      [["RebootNeeded", HOST, "nothing"]],
    );
    const conditions = pass.statuses.get(BASE)?.conditions;
    assert.equal(conditions?.find(({ type }) => type === "RebootNeeded")?.status, "True");
    assert.equal(model.host(HOST).base.audit.switched, "locked");
    const rules = contentOn(model).split("\n").length - 2;
    const asMany = await planOf(where({ listed: rules }, model));
    assert.equal(asMany.plan.blockers.length, 1, "as many of them, and others");
    // A boot, which loads what is written down, and locks it again.
    const booted = where({ waits: false, listed: rules }, model);
    const after = await planOf(booted);
    assert.deepEqual([after.plan.steps, after.plan.blockers], [[], []]);
    const fewer = await planOf(where({ listed: 3 }, booted));
    assert.deepEqual(
      fewer.plan.blockers.map(({ reason }) => reason),
      ["RebootNeeded"],
    );
  });
});

describe("an audit that cannot be had", () => {
  const refusal = "Error sending status request (Operation not permitted)";

  it("is said, and not fought: all is written down, nothing is started, and the baseline is Ready", async () => {
    const model = new ModelWorld(stackWithBaseline());
    for (const { base } of model.hosts.values()) base.audit = { ...base.audit, refusal, switched: undefined };
    await takeAll(model);
    const pass = await planOf(model);
    assert.deepEqual([pass.plan.steps, pass.plan.blockers], [[], []]);
    const [warning] = pass.plan.warnings.filter(({ host }) => host === HOST);
    assert.equal(warning?.reason, "AuditNotHere");
    assert.match(warning?.message ?? "", /Operation not permitted/);
    const { packages, base } = model.host(HOST);
    assert.ok(packages.has("auditd"));
    assert.match(contentOn(model), /pgha-baseline/);
    assert.equal(base.running.has("auditd.service"), false);
    assert.equal(readyOf(pass)?.status, "True");
  });

  it("where somebody masked auditd is left so, and said", async () => {
    const model = where({ loaded: undefined });
    const { base } = model.host(HOST);
    base.running.delete("auditd.service");
    base.isMasked = true;
    const { plan } = await planOf(model);
    assert.deepEqual(plan.steps, []);
    assert.ok(plan.blockers.some(({ reason, why }) => reason === "ServiceMasked" && why.startsWith("auditd")));
  });
});

describe("the documentation", () => {
  it("names what is audited by default", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../../docs/kinds/hostbaseline.md"), "utf8");
    for (const { watch, words } of AUDIT_DEFAULTS) {
      const named = watch ?? /-S (\S+)/.exec(words)?.[1]?.split(",") ?? [];
      for (const one of [named].flat()) assert.ok(text.includes(`\`${one}`), one);
    }
  });
});

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { commandFor } from "../../../src/changes/commands.ts";
import { AUDIT } from "../../../src/desired/audit.ts";
import { auditFact } from "../../../src/facts/audit.ts";
import type { AuditFact } from "../../../src/facts/audit.ts";
import { auditOn, desiredAudit, foldersOf } from "../../../src/reconcilers/host-baseline/audit.ts";
import type { DesiredAuditRule } from "../../../src/reconcilers/host-baseline/audit.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { until } from "../../kube/until.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const root = mkdtempSync(join(tmpdir(), "pgha-audit-"));
const rewrite = (script: string): string =>
  script
    .replaceAll("/etc/audit", `${root}/etc/audit`)
    .replaceAll("/var/lib/pgha", `${root}/var/lib/pgha`)
    .replaceAll("/run/pgha", `${root}/run/pgha`);
const shell = localShell(rewrite);
const FILE = rewrite(AUDIT.file);
const LOCAL_TIME = "/etc/localtime";

/** Of somebody else, and like one of pgha's but for the key. */
const OTHERS = ["-w", LOCAL_TIME, "-p", "wa", "-k", "others-of-a-test"] as const;

const auditctl = (...words: readonly string[]): string => execFileSync("auditctl", words, { encoding: "utf8" });
const listed = (): readonly string[] =>
  auditctl("-l")
    .split("\n")
    .filter((line) => line.startsWith("-"));
const ofPgha = (): readonly string[] => listed().filter((line) => line.includes("pgha-"));
const switchedTo = (): string => /^enabled (\d)$/m.exec(auditctl("-s"))?.[1] ?? "";

const asked = (...rules: readonly string[]): readonly DesiredAuditRule[] =>
  desiredAudit(rules.length === 0 ? {} : { rules }) ?? [];

async function look(rules: readonly DesiredAuditRule[] | undefined): Promise<AuditFact> {
  const fact = auditFact(rules === undefined ? undefined : { folders: foldersOf(rules) });
  const { exitCode, stdout } = await shell.run(fact.command, { deadlineMs: 10_000 });
  return fact.parse({ exitCode, stdout });
}

async function load(rules: readonly DesiredAuditRule[]): Promise<{ digest: string; exitCode: number; stderr: string }> {
  const { folders } = await look(rules);
  const { content, digest, rules: count } = auditOn(rules, folders);
  const change = { kind: "load-audit", content, digest, rules: count, when: "now" } as const;
  return { digest, ...(await shell.run(commandFor(change, MATERIAL), { deadlineMs: 10_000 })) };
}

async function loaded(rules: readonly DesiredAuditRule[]): Promise<string> {
  const { digest, exitCode, stderr } = await load(rules);
  assert.equal(exitCode, 0, stderr);
  return digest;
}

/** This machine's kernel is the one that is asked: what it had before it has afterwards. */
describe("audit rules in this machine's kernel", () => {
  let rulesBefore: readonly string[] = [];
  let switchedBefore = "";

  before(() => {
    const { status, stdout, stderr, error } = spawnSync("auditctl", ["-s"], { encoding: "utf8" });
    assert.ok(
      error === undefined && status === 0 && /^enabled [01]$/m.test(stdout),
      "this wants a kernel that lets this machine audit and is not locked, root, and auditd installed; in a container " +
        `there is none. auditctl -s says: ${error?.message ?? `${stdout}${stderr}`}`,
    );
    rulesBefore = listed();
    switchedBefore = switchedTo();
    assert.deepEqual(ofPgha(), [], "this machine has audit rules of pgha's of its own");
    mkdirSync(join(root, "run/pgha"), { recursive: true });
    auditctl(...OTHERS);
  });

  after(() => {
    for (const key of [AUDIT.key, AUDIT.trialKey]) auditctl("-D", "-k", key);
    auditctl("-W", ...OTHERS.slice(1));
    auditctl("-e", switchedBefore);
    removeFolder(root);
    assert.deepEqual([listed(), switchedTo()], [rulesBefore, switchedBefore]);
  });

  beforeEach(async () => {
    auditctl("-e", "0");
    await shell.run(commandFor({ kind: "remove-audit" }, MATERIAL), { deadlineMs: 10_000 });
  });

  it("are all loaded, in force at the next look, and there for the next boot", async () => {
    const rules = asked();
    assert.deepEqual((await look(rules)).loaded, undefined);
    const digest = await loaded(rules);
    const found = await look(rules);
    assert.deepEqual(
      [found.loaded, found.switched, found.refused, found.refusal, found.waits],
      [digest, "on", undefined, undefined, false],
    );
    const { content, rules: count } = auditOn(rules, found.folders);
    assert.equal(readFileSync(FILE, "utf8"), content);
    assert.equal(statSync(FILE).mode & 0o777, 0o640);
    assert.equal(found.listed, count);
    for (const words of [
      "-w /etc/passwd -p wa -k identity -k pgha-baseline",
      "-w /etc/ssh -p wa -k sshd -k pgha-baseline",
      "-a always,exit -F arch=b64 -S settimeofday,clock_settime -F key=time -F key=pgha-baseline",
    ])
      assert.ok(ofPgha().includes(words), ofPgha().join("\n"));
    // What a boot does.
    auditctl("-D", "-k", AUDIT.key);
    auditctl("-R", FILE);
    assert.equal((await look(rules)).loaded, digest);
  });

  it("that are missing or switched off are seen, and put back; those of others stay as they are", async () => {
    const rules = asked();
    const digest = await loaded(rules);
    const whole = listed();
    for (const drift of [
      ["-D", "-k", AUDIT.key],
      ["-W", "/etc/passwd", "-p", "wa", "-k", "identity", "-k", AUDIT.key],
      ["-w", "/etc/hosts", "-p", "wa", "-k", AUDIT.key],
    ]) {
      auditctl(...drift);
      assert.equal((await look(rules)).loaded, undefined, drift.join(" "));
      await loaded(rules);
      assert.equal((await look(rules)).loaded, digest);
    }
    auditctl("-e", "0");
    assert.deepEqual((await look(rules)).switched, "off");
    await loaded(rules);
    assert.equal(switchedTo(), "1");
    assert.deepEqual(listed().toSorted(), whole.toSorted());
    const [mine] = listed();
    assert.equal(mine, OTHERS.join(" "), "it was there first, and was never taken out");
  });

  it("of which the kernel refuses one leave those from before in force, and say which and why", async () => {
    const digest = await loaded(asked());
    const before = listed();
    const file = readFileSync(FILE, "utf8");
    for (const [rule, why] of [
      ["-a always,exit -F arch=b64 -S nonesuch -k x", /-S nonesuch -k x: auditctl refuses it without a word/],
      ["-w /etc/pgha-none -p wa", /-w \/etc\/pgha-none -p wa: .*Rule exists/],
    ] as const) {
      // The second is refused for it is there twice, in words that pgha does not know to be the same.
      const rules = asked("-a always,exit -F path=/etc/pgha-none -F perm=wa", rule);
      const { exitCode, stderr, digest: refused } = await load(rules);
      assert.equal(exitCode, 1);
      assert.match(stderr, why);
      const found = await look(rules);
      assert.deepEqual([found.loaded, found.refused?.digest], [digest, refused]);
      assert.match(found.refused?.words ?? "", why);
      assert.deepEqual([listed(), readFileSync(FILE, "utf8")], [before, file]);
    }
    await loaded(asked("-w /etc/pgha-none -p wa"));
    assert.equal((await look(asked())).refused, undefined);
  });

  it("of one's own are taken in any spelling, and go when they are taken out of the spec", async () => {
    await loaded(
      asked(
        "-w /etc/hosts/ -p aw -k hosts",
        "-a exit,always -S openat,open -F arch=b64 -F auid>=1000 -F auid!=unset -F success=0 -k denied",
        "-A never,exit -F arch=b64 -S all -F exe=/usr/bin/chronyd",
        "-a always,exit -F dir=/etc -F perm=x -F key=run",
        "-a always,exit -F arch=b64 -S execve -C uid!=euid -F euid=0",
      ),
    );
    for (const words of [
      "-w /etc/hosts -p wa -k hosts -k pgha-baseline",
      "-a never,exit -F arch=b64 -S all -F exe=/usr/bin/chronyd -F key=pgha-baseline",
      "-w /etc -p x -k run -k pgha-baseline",
    ])
      assert.ok(ofPgha().includes(words), ofPgha().join("\n"));
    const more = ofPgha().length;
    await loaded(asked());
    assert.equal(ofPgha().length, more - 5);
  });

  it("watch a folder once it is there, and what is below it", async () => {
    const folder = join(root, "watched");
    const rules = asked(`-w ${folder} -p wa`);
    const without = await loaded(rules);
    mkdirSync(folder);
    const found = await look(rules);
    assert.equal(found.loaded, without);
    const { digest, content } = auditOn(rules, found.folders);
    assert.notEqual(digest, without, "a folder is watched otherwise than a file");
    assert.match(content, new RegExp(`^-w ${folder}/ -p wa -k pgha-baseline$`, "m"));
    assert.equal(await loaded(rules), digest);
    removeFolder(folder);
    assert.equal((await look(rules)).loaded, undefined, "the kernel lets go of a folder that is gone");
  });

  it("are what auditd writes down, to be found by their own key and by pgha's", async () => {
    const folder = join(root, "noted");
    const configuration = join(root, "auditd");
    const log = join(configuration, "audit.log");
    mkdirSync(folder);
    mkdirSync(join(configuration, "plugins.d"), { recursive: true });
    writeFileSync(
      join(configuration, "auditd.conf"),
      readFileSync("/etc/audit/auditd.conf", "utf8")
        .replace(/^log_file = .*$/m, `log_file = ${log}`)
        .replace(/^plugin_dir = .*$/m, `plugin_dir = ${configuration}/plugins.d`),
      { mode: 0o640 },
    );
    const daemon = spawn("auditd", ["-n", "-s", "nochange", "-c", configuration], { stdio: "ignore" });
    const ended = once(daemon, "close");
    try {
      await until(
        "auditd has the kernel's audit",
        async () => auditctl("-s").includes(`\npid ${daemon.pid}\n`),
        10_000,
      );
      await loaded(asked(`-w ${folder} -p wa -k of-a-test`));
      writeFileSync(join(folder, "settings"), "x");
      for (const key of ["of-a-test", AUDIT.key])
        await until(
          `the record is found by ${key}`,
          async () =>
            spawnSync("ausearch", ["-if", log, "-k", key], { encoding: "utf8" }).stdout.includes(`${folder}/settings`),
          10_000,
        );
    } finally {
      daemon.kill();
      await ended;
    }
  });

  it("are taken out, and nothing is left of them", async () => {
    await loaded(asked());
    assert.equal((await look(undefined)).left, true);
    await shell.run(commandFor({ kind: "remove-audit" }, MATERIAL), { deadlineMs: 10_000 });
    assert.deepEqual(ofPgha(), []);
    assert.equal((await look(undefined)).left, false);
    assert.equal(existsSync(rewrite(AUDIT.folder)), false);
    assert.ok(listed().includes(OTHERS.join(" ")));
  });

  it("cannot be had from a PID namespace of one's own, as containers have, which is said in auditctl's words", async () => {
    const rules = asked();
    const { command, parse } = auditFact({ folders: foldersOf(rules) });
    const apart = `unshare --pid --fork --mount-proc sh <<'END'\n${command.script}\nEND`;
    const { exitCode, stdout } = await shell.run({ script: apart, display: apart }, { deadlineMs: 10_000 });
    const found = parse({ exitCode, stdout });
    assert.match(found.refusal ?? "", /Operation not permitted/);
    assert.deepEqual([found.loaded, found.switched], [undefined, undefined]);
  });
});

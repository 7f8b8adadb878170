import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { hasSnapshot, startLab, type Lab } from "./lab.ts";

const run = promisify(execFile);

/** A login as a user would do it: with the lab's key, and no host key but the pinned one. */
async function login(lab: Lab, host: string, command: string, user = "root"): Promise<string> {
  const options = ["BatchMode=yes", "StrictHostKeyChecking=yes", `UserKnownHostsFile=${lab.knownHostsPath}`];
  const target = `${user}@${lab.host(host).address}`;
  const words = ["-F", "none", "-i", lab.sshKeyPath, ...options.flatMap((option) => ["-o", option]), target, command];
  const { stdout } = await run("ssh", words, { timeout: 5000 });
  return stdout.trim();
}

describe("a lab of two hosts", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ hosts: ["db-master-01", "proxy-01"] });
  });
  after(async () => lab.down());

  test("lets root and ops in by key, with the host key that it published", async () => {
    assert.equal(await login(lab, "proxy-01", "id -un"), "root");
    assert.equal(await login(lab, "proxy-01", "sudo -n id -un", "ops"), "root");
    const knownHosts = await readFile(lab.knownHostsPath, "utf8");
    assert.ok(knownHosts.includes(`proxy-01 ${lab.host("proxy-01").hostKey}`));
  });

  test("runs a whole Debian with sshd hardened as in the field, and no PostgreSQL", async () => {
    assert.equal(await login(lab, "db-master-01", "systemctl is-system-running --wait"), "running");
    const sshd = await login(lab, "db-master-01", "sshd -T");
    assert.match(sshd, /^allowtcpforwarding no$/m);
    assert.match(sshd, /^maxsessions 4$/m);
    assert.match(sshd, /^passwordauthentication no$/m);
    assert.equal(await login(lab, "db-master-01", "dpkg -l | grep -c postgres || true"), "0");
  });

  test("gives a database host its own XFS volume, and a proxy none", async () => {
    const ask = "findmnt -no FSTYPE /opt/keybuzz/postgres/data || true";
    assert.equal(await login(lab, "db-master-01", ask), "xfs");
    assert.equal(await login(lab, "proxy-01", ask), "");
  });

  test("installs a package from the mirror", async () => {
    const { exitCode, stderr } = await lab.exec(
      "proxy-01",
      "apt-get -qq update && apt-get -qq install -y --no-install-recommends hello && hello",
    );
    assert.equal(exitCode, 0, stderr);
  });

  test("keeps over a power cut what was synced, and only that", async () => {
    await lab.exec("db-master-01", "cd /opt/keybuzz/postgres/data && date >kept && sync && date >lost");
    await lab.crash("db-master-01");
    await assert.rejects(login(lab, "db-master-01", "true"));
    await assert.rejects(lab.exec("db-master-01", "true"), /is off/);
    await lab.boot("db-master-01");
    assert.equal(await login(lab, "db-master-01", "cd /opt/keybuzz/postgres/data && echo *"), "kept");
  });

  test("loses a host whose cable is cut, and has it back when healed", async () => {
    await lab.cut("proxy-01");
    await assert.rejects(login(lab, "proxy-01", "true"));
    await lab.heal("proxy-01");
    assert.equal(await login(lab, "proxy-01", "echo back"), "back");
  });

  test("leaves a frozen host connectable but mute", async () => {
    await lab.freeze("proxy-01");
    await assert.rejects(login(lab, "proxy-01", "true"));
    const { exitCode } = await lab.exec(
      "db-master-01",
      `timeout 2 bash -c '</dev/tcp/${lab.host("proxy-01").address}/22'`,
    );
    assert.equal(exitCode, 0);
    await lab.thaw("proxy-01");
    assert.equal(await login(lab, "proxy-01", "echo back"), "back");
  });

  test("keeps two hosts apart that still hear everybody else", async () => {
    const reach = `timeout 1 bash -c '</dev/tcp/${lab.host("proxy-01").address}/22'`;
    await lab.partition("db-master-01", "proxy-01");
    assert.equal((await lab.exec("db-master-01", reach)).exitCode, 124);
    assert.equal(await login(lab, "proxy-01", "echo here"), "here");
    await lab.unpartition("proxy-01", "db-master-01");
    assert.equal((await lab.exec("db-master-01", reach)).exitCode, 0);
  });

  test("shows an empty directory where a lost volume was, and the data when it is back", async () => {
    await lab.detachVolume("db-master-01");
    assert.equal(await login(lab, "db-master-01", "ls -A /opt/keybuzz/postgres/data"), "");
    await lab.attachVolume("db-master-01");
    assert.equal(await login(lab, "db-master-01", "ls -A /opt/keybuzz/postgres/data"), "kept");
  });

  test("gives a rebuilt host another identity", async () => {
    const before = lab.host("proxy-01");
    const machineId = await login(lab, "proxy-01", "cat /etc/machine-id");
    const rebuilt = await lab.rebuild("proxy-01");
    assert.equal(rebuilt.address, before.address);
    assert.notEqual(rebuilt.hostKey, before.hostKey);
    assert.notEqual(await login(lab, "proxy-01", "cat /etc/machine-id"), machineId);
  });

  test("leaves nothing when it is down, and down again changes nothing", async () => {
    await lab.down();
    await lab.down();
    const remains = await Promise.all([
      run("ip", ["netns", "list"]),
      run("losetup", ["--noheadings", "--output", "BACK-FILE"]),
      run("findmnt", ["--noheadings", "--output", "TARGET"]),
      run("nft", ["list", "tables"]),
    ]);
    for (const { stdout } of remains) assert.ok(!stdout.includes(lab.name), stdout);
    await assert.rejects(readFile(lab.serversTsv), { code: "ENOENT" });
  });
});

test("a lab from a snapshot starts with what the disks held, as other hosts", async () => {
  const origin = await startLab({ hosts: ["db-slave-01"], os: "bookworm" });
  let copy: Lab | undefined;
  try {
    await origin.exec("db-slave-01", "echo root >/srv/mark; echo volume >/opt/keybuzz/postgres/data/mark");
    await origin.snapshot("smoke");
    assert.equal(await login(origin, "db-slave-01", "cat /srv/mark"), "root", "it runs on after the snapshot");
    assert.equal(await hasSnapshot("smoke"), true);
    assert.equal(await hasSnapshot("smoke-of-nothing"), false);
    copy = await startLab({ from: "smoke" });
    assert.equal(await login(copy, "db-slave-01", "cat /srv/mark /opt/keybuzz/postgres/data/mark"), "root\nvolume");
    assert.equal(await login(copy, "db-slave-01", "cut -d. -f1 /etc/debian_version"), "12");
    assert.notEqual(copy.host("db-slave-01").hostKey, origin.host("db-slave-01").hostKey);
    await copy.exec("db-slave-01", "rm /srv/mark");
    await copy.reset();
    assert.equal(await login(copy, "db-slave-01", "cat /srv/mark"), "root", "a reset goes back to the snapshot");
    assert.equal(await login(copy, "db-slave-01", "systemctl is-system-running --wait"), "running");
  } finally {
    await Promise.all([origin.down(), copy?.down()]);
  }
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { HostAccessError, HostUnreachableError } from "../../src/errors.ts";
import { bastionPool } from "../../src/shell/bastion.ts";
import { sh, withInput } from "../../src/shell/command.ts";
import { underStepLock, withHostLock } from "../../src/shell/host-lock.ts";
import { hostKeysFromKnownHosts } from "../../src/shell/known-hosts.ts";
import { connectSsh } from "../../src/shell/ssh.ts";
import type { SshShell } from "../../src/shell/ssh.ts";
import type { SshTarget } from "../../src/shell/ssh-target.ts";
import { until } from "../kube/until.ts";
import { startLab } from "../lab/lab.ts";
import type { Lab } from "../lab/lab.ts";
import { asking } from "../ssh-server/asking.ts";

/** Hosts of its own, since this journey freezes them and cuts their cables: hardened sshd, MaxSessions 4. */
let lab: Lab;
const shells: SshShell[] = [];
before(async () => {
  lab = await startLab({ hosts: ["a=21:0", "b=22:0"] });
});
after(async () => {
  await Promise.all(shells.map((shell) => shell.close()));
  await lab.down();
});

function target(name: "a" | "b", changes: Partial<SshTarget> = {}): SshTarget {
  const { address } = lab.host(name);
  return {
    name,
    address,
    port: 22,
    user: "root",
    privateKey: readFileSync(lab.sshKeyPath, "utf8"),
    hostKeys: hostKeysFromKnownHosts(readFileSync(lab.knownHostsPath, "utf8"), address, 22),
    hostKeyPolicy: "pinned",
    connectTimeoutMs: 10_000,
    ...changes,
  };
}

function shellOn(
  name: "a" | "b",
  changes: Partial<SshTarget> = {},
  options: Parameters<typeof connectSsh>[1] = {},
): SshShell {
  const shell = connectSsh(target(name, changes), options);
  shells.push(shell);
  return shell;
}

const soon = { deadlineMs: 20_000 };

async function seconds(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return (performance.now() - start) / 1000;
}

describe("a hardened host", () => {
  it("carries thirty commands at once over one connection", async () => {
    const shell = shellOn("a");
    const outputs = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => (await shell.run(sh`echo ${index}`, soon)).stdout),
    );
    assert.deepEqual(
      outputs,
      Array.from({ length: 30 }, (_, index) => `${index}\n`),
    );
    assert.equal((await shell.run(sh`ss -Htn state established '( sport = :22 )' | wc -l`, soon)).stdout, "1\n");
  });

  it("a user with sudo is root for the command, with input and the deadline's reach", async () => {
    const shell = shellOn("a", { user: "ops", become: "sudo" });
    const result = await shell.run(withInput(sh`id -u; cat; echo $LC_ALL`, "given\n"), soon);
    assert.deepEqual(result, { exitCode: 0, stdout: "0\ngiven\nC.UTF-8\n", stderr: "" });
    await assert.rejects(shell.run(sh`sleep 30`, { deadlineMs: 500 }), /did not end within/);
    assert.equal((await shell.run(sh`pgrep -x sleep`, soon)).exitCode, 1, "nothing of it is left");
  });

  it("sudo that wants a password is a missing privilege", async () => {
    const root = shellOn("a");
    await root.run(
      sh`for f in /etc/sudoers.d/*; do mv "$f" "/root/sudoers.\${f##*/}"; done; echo 'ops ALL=(ALL) ALL' >/etc/sudoers.d/ops; chmod 0440 /etc/sudoers.d/ops`,
      soon,
    );
    for (const keepCommands of [false, true]) {
      await assert.rejects(
        shellOn("a", { user: "ops", become: "sudo" }, { keepCommands }).run({ ...sh`true`, repeatable: true }, soon),
        (error) =>
          error instanceof HostAccessError && error.reason === "PrivilegeMissing" && /password/.test(error.message),
      );
    }
    await root.run(
      sh`rm /etc/sudoers.d/ops; for f in /root/sudoers.*; do mv "$f" "/etc/sudoers.d/\${f#/root/sudoers.}"; done`,
      soon,
    );
    assert.equal((await shellOn("a", { user: "ops", become: "sudo" }).run(sh`id -u`, soon)).stdout, "0\n");
  });

  it("keeps a repeatable command under sudo, through a bastion, and nothing of it once the shell is closed", async () => {
    const root = shellOn("b");
    const shell = shellOn(
      "b",
      { user: "ops", become: "sudo", bastion: { via: "exec", target: target("a") } },
      { keepCommands: true },
    );
    const asks = (line: string) => asking(sh`echo "$(id -u) $$ $given"`, line);
    const turns: string[] = [];
    for (const line of ["one", "two", "three"]) turns.push((await shell.run(asks(line), soon)).stdout);
    const pid = turns[0]?.split(" ")[1] ?? "";
    assert.deepEqual(
      turns,
      ["one", "two", "three"].map((line) => `0 ${pid} ${line}\n`),
    );
    assert.match((await root.run(sh`ps -o args= -p ${pid}`, soon)).stdout, /^sh -c s=\$\(dd .{0,120}\n$/);
    await shell.close();
    await until("its process is gone", async () => (await root.run(sh`ps -p ${pid}`, soon)).exitCode === 1);
    assert.equal(
      (await root.run(sh`pgrep -u root -f '[t]imeout -k 5 900'`, soon)).exitCode,
      1,
      "nor is anything around it",
    );
  });

  it("is a bastion by exec, and by forwarding only where it may be", async () => {
    const bastions = bastionPool();
    const bastion = { via: "exec" as const, target: target("a") };
    const outputs = await Promise.all(
      Array.from(
        { length: 4 },
        async () =>
          (await shellOn("b", { bastion }, { bastions }).run(withInput(sh`hostname; wc -c`, "x".repeat(300_000)), soon))
            .stdout,
      ),
    );
    assert.deepEqual(
      outputs,
      Array.from({ length: 4 }, () => "b\n300000\n"),
    );
    await assert.rejects(
      shellOn("b", { bastion: { via: "forward", target: target("a") } }).run(sh`true`, soon),
      /set via: exec/,
    );
  });
});

describe("faults", () => {
  it("a frozen host is noticed by keepalive while a command runs, well before its deadline", async () => {
    const shell = shellOn("b");
    await shell.run(sh`true`, soon);
    const waiting = shell.run(sh`sleep 200`, { deadlineMs: 300_000 });
    const lost = assert.rejects(
      waiting,
      (error) =>
        error instanceof HostUnreachableError &&
        /stopped answering.*outcome of the command is unknown/.test(error.message),
    );
    await lab.freeze("b");
    const took = await seconds(lost);
    await lab.thaw("b");
    assert.ok(took < 25, `${took} s`);
    assert.equal((await shell.run(sh`echo back`, soon)).stdout, "back\n");
  });

  it("a cut cable frees the run lock on its own, and the step it left behind is waited for", async () => {
    const first = shellOn("b");
    let stepped: Promise<unknown> = Promise.resolve();
    await assert.rejects(
      withHostLock(first, "anna", async (lost) => {
        stepped = first.run(underStepLock(sh`sleep 45; echo end >/run/pgha/step-ended`), { deadlineMs: 100_000 });
        stepped.catch(() => undefined);
        await setTimeout(1_000);
        await lab.cut("b");
        await setTimeout(60_000, undefined, { signal: lost });
      }),
    );
    await assert.rejects(stepped, /outcome of the command is unknown/);
    await lab.heal("b");
    const second = shellOn("b");
    const owners: string[] = [];
    const deadline = Date.now() + 60_000;
    let got = false;
    while (!got && Date.now() < deadline) {
      got = await withHostLock(second, "bert", async () => {
        assert.equal(
          (await second.run(underStepLock(sh`cat /run/pgha/step-ended`), { deadlineMs: 70_000 })).stdout,
          "end\n",
        );
        return true;
      }).catch((error: unknown) => {
        owners.push(String(error));
        return setTimeout(1_000, false);
      });
    }
    assert.ok(got, owners.at(-1));
  });

  it("a host without power cannot be reached, and can again after its boot", async () => {
    const shell = shellOn("b");
    await shell.run(sh`true`, soon);
    await lab.crash("b");
    await assert.rejects(shell.run(sh`true`, { deadlineMs: 5_000 }), HostUnreachableError);
    await lab.boot("b");
    assert.equal((await shell.run(sh`echo back`, soon)).stdout, "back\n");
  });
});

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { after, before, describe, it } from "node:test";
import { HostUnreachableError } from "../../../src/errors.ts";
import { bastionPool } from "../../../src/shell/bastion.ts";
import { sh, withInput } from "../../../src/shell/command.ts";
import { scanHostKeys } from "../../../src/shell/host-key-scan.ts";
import { connectSsh } from "../../../src/shell/ssh.ts";
import type { SshShell } from "../../../src/shell/ssh.ts";
import type { SshTarget } from "../../../src/shell/ssh-target.ts";
import { until } from "../../kube/until.ts";
import { asking } from "../../ssh-server/asking.ts";
import { login, targetOn } from "../../ssh-server/target.ts";
import { startSshd } from "./sshd.ts";
import type { Sshd } from "./sshd.ts";

let sshd: Sshd;
const shells: SshShell[] = [];
before(async () => {
  sshd = await startSshd(login);
});
after(async () => {
  await Promise.all(shells.map((shell) => shell.close()));
  await sshd.stop();
});

function target(changes: Partial<SshTarget> = {}): SshTarget {
  return targetOn(sshd, {
    user: userInfo().username,
    hostKeys: sshd.hostKeys.slice(0, 1),
    connectTimeoutMs: 10_000,
    ...changes,
  });
}

function shellWith(changes: Partial<SshTarget> = {}, options: Parameters<typeof connectSsh>[1] = {}): SshShell {
  const shell = connectSsh(target(changes), options);
  shells.push(shell);
  return shell;
}

const soon = { deadlineMs: 10_000 };

describe("OpenSSH's own server, hardened as in the field", () => {
  it("runs commands with their exit code, output and input", async () => {
    const shell = shellWith();
    assert.deepEqual(await shell.run(withInput(sh`cat; echo ${"$(id)"} >&2; exit 3`, "é€"), soon), {
      exitCode: 3,
      stdout: "é€",
      stderr: "$(id)\n",
    });
    assert.equal((await shell.run(sh`echo $LC_ALL`, soon)).stdout, "C.UTF-8\n");
  });

  it("a killed command is an exit code, a killed connection is a loss", async () => {
    const shell = shellWith();
    assert.equal((await shell.run(sh`kill -KILL $$`, soon)).exitCode, 137);
    assert.equal((await shell.run(sh`kill -TERM $$`, soon)).exitCode, 143);
    // The parent of timeout(1) is the sshd process of this session.
    const cut = shell.run(
      sh`ppid() { set -- $(cat /proc/$1/stat); echo "$4"; }; kill -KILL "$(ppid "$PPID")"; sleep 5`,
      soon,
    );
    await assert.rejects(
      cut,
      (error) => error instanceof HostUnreachableError && error.message.includes("outcome of the command is unknown"),
    );
    assert.equal((await shell.run(sh`echo back`, soon)).stdout, "back\n");
  });

  it("a deadline ends the command on the host as well", async () => {
    const shell = shellWith();
    const mark = `3${process.pid}`;
    await assert.rejects(shell.run(sh`sleep ${mark}`, { deadlineMs: 300 }), /did not end within 0\.3 s/);
    const found = await shell.run(
      sh`grep -lz ${mark} /proc/[0-9]*/cmdline 2>/dev/null | xargs -r -n1 dirname | while read -r d; do readlink "$d/exe"; done | grep -c sleep; true`,
      soon,
    );
    assert.equal(found.stdout, "0\n");
  });

  it("twenty commands at once fit in MaxSessions 4, over one connection", async () => {
    const shell = shellWith();
    const outputs = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => (await shell.run(sh`echo ${index} $PPID`, soon)).stdout),
    );
    assert.deepEqual(
      outputs.map((text) => Number(text.split(" ")[0])),
      Array.from({ length: 20 }, (_, index) => index),
    );
  });

  it(
    "a repeatable command is kept with its script out of sight, makes way for others, and ends with its " +
      "connection",
    async () => {
      const shell = shellWith({}, { keepCommands: true });
      const turn = async (question = sh`echo $$`): Promise<string> =>
        (await shell.run(asking(question, "x"), soon)).stdout;
      const pid = Number(await turn());
      assert.equal(Number(await turn()), pid, "the same process");
      assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /given/);
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const held = shell.run(sh`cat`, { ...soon, holdUntil: released });
      const outputs = await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          index % 4 === 0 ? turn(sh`echo ${index}`) : (await shell.run(sh`echo ${index}`, soon)).stdout,
        ),
      );
      assert.deepEqual(
        outputs,
        Array.from({ length: 20 }, (_, index) => `${index}\n`),
      );
      release();
      await held;
      const last = Number(await turn());
      await shell.close();
      await until("its process is gone", () => Promise.resolve(!existsSync(`/proc/${last}`)));
    },
  );

  it("more channels than the host allows are got by with", async () => {
    const shell = shellWith({}, { channels: 10 });
    const outputs = await Promise.all(
      Array.from({ length: 20 }, async () => (await shell.run(sh`sleep 0.02; echo x`, soon)).stdout),
    );
    assert.equal(outputs.join(""), "x\n".repeat(20));
  });

  it("a script of half a MiB and an input of 4 MiB arrive whole", async () => {
    const long = "x' ".repeat(170_000);
    const input = Buffer.alloc(4 * 1024 * 1024, "0123456789abcdef");
    const result = await shellWith().run(withInput(sh`cksum; printf %s ${long} | wc -c`, input), soon);
    assert.match(result.stdout, new RegExp(`^\\d+ ${input.length}\\n${long.length}\\n$`));
  });

  it("a bastion that forbids forwarding is gone through by exec", async () => {
    const bastions = bastionPool();
    const bastion = { via: "exec" as const, target: target({ name: "bastion" }) };
    const outputs = await Promise.all(
      Array.from(
        { length: 5 },
        async () =>
          (await shellWith({ bastion }, { bastions }).run(withInput(sh`wc -c`, "y".repeat(1_000_000)), soon)).stdout,
      ),
    );
    assert.deepEqual(
      outputs,
      Array.from({ length: 5 }, () => "1000000\n"),
    );
    await assert.rejects(
      shellWith({ bastion: { ...bastion, via: "forward" } }).run(sh`true`, soon),
      /opens no channel to it.*set via: exec/,
    );
  });

  it("the RSA key can be pinned though the host has a better one, and a scan shows both", async () => {
    assert.equal((await shellWith({ hostKeys: sshd.hostKeys.slice(1) }).run(sh`echo ok`, soon)).stdout, "ok\n");
    assert.deepEqual(await scanHostKeys({ address: "127.0.0.1", port: sshd.port, timeoutMs: 2_000 }), sshd.hostKeys);
  });
});

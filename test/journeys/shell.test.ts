import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { HostAccessError, HostUnreachableError } from "../../src/errors.ts";
import { bastionPool } from "../../src/shell/bastion.ts";
import { sh, withInput, withStdin } from "../../src/shell/command.ts";
import type { Command } from "../../src/shell/command.ts";
import { underStepLock, withHostLock } from "../../src/shell/host-lock.ts";
import { hostKeysFromKnownHosts } from "../../src/shell/known-hosts.ts";
import { connectSsh } from "../../src/shell/ssh.ts";
import type { SshShell } from "../../src/shell/ssh.ts";
import type { SshTarget } from "../../src/shell/ssh-target.ts";
import { until } from "../kube/until.ts";
import { startLab } from "../lab/lab.ts";
import type { Lab } from "../lab/lab.ts";
import { asking } from "../ssh-server/asking.ts";
import { pgha } from "./support/pgha.ts";

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

  it(
    "keeps a repeatable command under sudo, through a bastion, and nothing of it once the shell " + "is closed",
    async () => {
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
      assert.match((await root.run(sh`ps -o args= -p ${pid}`, soon)).stdout, /^sh -c cd \/; .{0,260}\n$/);
      await shell.close();
      await until("its process is gone", async () => (await root.run(sh`ps -p ${pid}`, soon)).exitCode === 1);
      assert.equal(
        (await root.run(sh`pgrep -u root -f '[t]imeout -k 5 900'`, soon)).exitCode,
        1,
        "nor is anything around it",
      );
    },
  );

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

describe("whatever the login is", () => {
  const secretInput = withStdin(sh`wc -c; id -u`, "sehr geheim, 24 Zeichen.", ["sehr geheim, 24 Zeichen."]);
  const ops = { user: "ops", become: "sudo" } as const;
  const asRoot = async (command: Command): Promise<void> => {
    const { exitCode, stderr } = await shellOn("a").run(command, { deadlineMs: 120_000 });
    assert.equal(exitCode, 0, stderr);
  };
  const refusalOf = async (changes: Partial<SshTarget>): Promise<HostUnreachableError> => {
    const error: unknown = await shellOn("a", changes)
      .run(secretInput, { deadlineMs: 40_000 })
      .catch((caught: unknown) => caught);
    assert.ok(error instanceof HostUnreachableError, String(error));
    assert.doesNotMatch(error.message, /geheim|c2Vocm|Z2VoZWl|geGhlaW/);
    return error;
  };
  before(async () => {
    await asRoot(
      sh`export DEBIAN_FRONTEND=noninteractive HOME=/root; apt-get update -q >/dev/null && apt-get install -q -y --no-install-recommends fish tcsh zsh ksh >/dev/null 2>&1`,
    );
  });

  it("a user may have any shell that runs commands, with noise and an environment of its own", async () => {
    await asRoot(
      sh`printf '%s\n' http_proxy=http://127.0.0.1:1 PGSSLMODE=require TMPDIR=/nonexistent POSIXLY_CORRECT=1 LC_ALL=xx_YY.UTF-8 >>/etc/environment
for f in .bashrc .zshenv .cshrc .tcshrc .profile; do echo 'echo welcome' >~ops/$f; done; mkdir -p ~ops/.config/fish; echo 'echo welcome' >~ops/.config/fish/config.fish`,
    );
    for (const program of ["/usr/bin/fish", "/bin/tcsh", "/usr/bin/zsh", "/bin/ksh", "/bin/dash", "/bin/bash"]) {
      await asRoot(sh`usermod -s ${program} ops`);
      for (const become of [ops, { user: "ops" }] as const) {
        const shell = shellOn("a", become, { keepCommands: true });
        assert.equal((await shell.run(secretInput, soon)).stdout, `24\n${become === ops ? 0 : 1000}\n`, program);
        const env = asking(sh`env | grep -vE '^(PWD|OLDPWD|_|SHLVL)=' | sort`, "x");
        for (let turn = 0; turn < 2; turn += 1)
          assert.equal(
            (await shell.run(env, soon)).stdout,
            "HOME=/nonexistent\nLC_ALL=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
            program,
          );
        await shell.close();
      }
      const bastion = { via: "exec" as const, target: target("a", { user: "ops" }) };
      assert.equal((await shellOn("b", { bastion }).run(sh`hostname`, soon)).stdout, "b\n", program);
    }
    await asRoot(sh`sed -i '/127.0.0.1:1/,$d' /etc/environment`);
  });

  it("zsh and fish find no fault with the scripts that complete pgha's words", async () => {
    for (const [shell, option] of [
      ["zsh", "-n"],
      ["fish", "--no-execute"],
    ] as const) {
      const { stdout } = await pgha(tmpdir(), ["completion", shell]);
      assert.ok(stdout.length > 1_000, shell);
      const check = withInput(sh`file=$(mktemp); cat >"$file"; ${shell} ${option} "$file"`, stdout);
      const { exitCode, stderr } = await shellOn("a").run(check, soon);
      assert.deepEqual([exitCode, stderr], [0, ""], shell);
    }
  });

  it("a start-up file that puts another shell in the command's place is named, and sent nothing", async () => {
    for (const line of ["exec fish", "exec zsh"]) {
      await asRoot(sh`echo ${line} >~ops/.bashrc`);
      const { reason, wayOut = "" } = await refusalOf(ops);
      assert.equal(reason, "LoginShellUnusable", line);
      assert.match(wayOut, /\.bashrc/);
    }
    await asRoot(sh`rm ~ops/.bashrc`);
  });

  it("a user without a shell is named, and the way out helps", async () => {
    await asRoot(sh`usermod -s /usr/sbin/nologin ops`);
    const { reason, message, wayOut = "" } = await refusalOf(ops);
    assert.equal(reason, "LoginShellUnusable");
    assert.match(message, /currently not available/);
    await asRoot(typed(/usermod -s \/bin\/bash ops/.exec(wayOut)?.[0]));
    assert.equal((await shellOn("a", ops).run(secretInput, soon)).stdout, "24\n0\n");
  });

  it("sudo that wants a terminal or a password is a missing privilege, and what is told to type mends it", async () => {
    const faults = [
      "Defaults requiretty",
      "Defaults:ops requiretty\nDefaults lecture=always",
      "ops ALL=(ALL) ALL",
      "Defaults:ops authenticate\nops ALL=(ALL) PASSWD: ALL",
      "Defaults runas_default=nobody, secure_path=/nonexistent, use_pty\nops ALL=(ALL) ALL",
      "Defaults:ops noexec",
    ];
    for (const fault of faults) {
      await asRoot(sh`printf '%s\n' ${fault} >/etc/sudoers.d/yy-site; chmod 0440 /etc/sudoers.d/yy-site`);
      const { reason, wayOut = "" } = await refusalOf(ops);
      assert.equal(reason, "PrivilegeMissing", fault);
      await asRoot(typed(/as root: (.*?visudo -c)/.exec(wayOut)?.[1]));
      assert.equal((await shellOn("a", ops).run(secretInput, soon)).stdout, "24\n0\n", fault);
      await asRoot(sh`rm /etc/sudoers.d/zz-pgha`);
    }
    await asRoot(sh`rm /etc/sudoers.d/yy-site`);
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

/** What a message tells to type, as it stands. */
function typed(text: string | undefined): Command {
  assert.ok(text !== undefined);
  return sh`sh -c ${text}`;
}

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { sh, withStdin } from "../../../src/shell/command.ts";
import type { Command } from "../../../src/shell/command.ts";
import { connectSsh } from "../../../src/shell/ssh.ts";
import type { SshOptions, SshShell } from "../../../src/shell/ssh.ts";
import { until } from "../../kube/until.ts";
import { asking } from "../../ssh-server/asking.ts";
import { startSshServer } from "../../ssh-server/ssh-server.ts";
import type { SshServer, SshServerOptions } from "../../ssh-server/ssh-server.ts";
import { hostKey, login, targetOn } from "../../ssh-server/target.ts";

const cleanUps: (() => Promise<void>)[] = [];
after(async () => {
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
});

async function stage(
  options: SshOptions = {},
  server: Partial<SshServerOptions> = {},
): Promise<{ readonly server: SshServer; readonly shell: SshShell }> {
  const started = await startSshServer({
    authorizedKey: login.publicKey,
    hostKeys: [hostKey.privateKey],
    onExec: "real",
    maxSessions: 4,
    ...server,
  });
  const shell = connectSsh(targetOn(started, { connectTimeoutMs: 2_000 }), { keepCommands: true, ...options });
  cleanUps.unshift(
    () => shell.close(),
    () => started.close(),
  );
  return { server: started, shell };
}

const soon = { deadlineMs: 20_000 };

const echo = (line: string): Command => asking(sh`printf '<%s>' "$given"`, line);

describe("a repeatable command that is kept", () => {
  it("is started once, and each turn has its own input and output", async () => {
    const { server, shell } = await stage();
    for (const line of ["one", "", "two words", "$HOME 'x' \\n"]) {
      assert.deepEqual(await shell.run(echo(line), soon), { exitCode: 0, stdout: `<${line}>`, stderr: "" });
    }
    assert.equal(server.counters.execs, 1);
    assert.ok(!server.commands[0]?.includes("given"), "its script is not in the list of processes");
  });

  it("starts each turn from nothing: no variable, folder or option of the last is left", async () => {
    const { shell } = await stage();
    const turn = asking(sh`printf '%s %s %s' "$(pwd)" "\${kept:-none}" "$-"; cd /tmp; kept=$given; set -u`, "x");
    assert.equal((await shell.run(turn, soon)).stdout, (await shell.run(turn, soon)).stdout);
  });

  it("prints whatever it likes: megabytes, no line end, lines that look like an end", async () => {
    const { server, shell } = await stage();
    const lines = "0d9a2b1e-0000-4000-8000-000000000000\n";
    const flood = asking(sh`yes "$given" | head -c 3000000; echo noise >&2`, "é");
    for (const [command, expected] of [
      [flood, "é\n".repeat(1_000_000)],
      [asking(sh`printf '\n%s\n' "$given"`, lines.trim()), `\n${lines}`],
      [asking(sh`:`, ""), ""],
    ] as const) {
      for (let turn = 0; turn < 3; turn += 1) assert.equal((await shell.run(command, soon)).stdout, expected);
    }
    assert.equal(server.counters.execs, 3);
  });

  it("fails as any command does, with its code and its message, and is begun anew", async () => {
    const { server, shell } = await stage();
    const fails = asking(sh`echo part; echo why >&2; exit "$given"`, "3");
    for (let turn = 1; turn <= 2; turn += 1) {
      assert.deepEqual(await shell.run(fails, soon), { exitCode: 3, stdout: "part\n", stderr: "why\n" });
      assert.equal(server.counters.execs, turn);
    }
  });

  it("that is refused at once is refused with the host's own words", async () => {
    const server = await startSshServer({
      authorizedKey: login.publicKey,
      hostKeys: [hostKey.privateKey],
      onExec: "real",
      onLogin: { code: 1, stderr: "sudo: a password is required\n" },
    });
    const shell = connectSsh(targetOn(server, { become: "sudo" }), { keepCommands: true });
    cleanUps.unshift(
      () => shell.close(),
      () => server.close(),
    );
    await assert.rejects(shell.run(echo("x"), soon), { reason: "PrivilegeMissing", message: /a password is required/ });
    assert.equal(server.counters.execs, 1);
  });

  it("is not kept for one who does not ask for it, nor when it is not repeatable", async () => {
    for (const [options, command] of [
      [{ keepCommands: false }, echo("x")],
      [{}, withStdin(sh`cat`, "x")],
    ] as const) {
      const { server, shell } = await stage(options);
      await shell.run(command, soon);
      await shell.run(command, soon);
      assert.equal(server.counters.execs, 2);
      await until("its channel is free", () => Promise.resolve(server.counters.open === 0));
    }
  });

  it("is begun anew after ten minutes, before its host ends it", async (context) => {
    const { server, shell } = await stage();
    const start = performance.now();
    const now = context.mock.method(performance, "now", () => start);
    await shell.run(echo("x"), soon);
    now.mock.mockImplementation(() => start + 9 * 60_000);
    await shell.run(echo("x"), soon);
    assert.equal(server.counters.execs, 1);
    now.mock.mockImplementation(() => start + 11 * 60_000);
    await shell.run(echo("x"), soon);
    assert.equal(server.counters.execs, 2);
    assert.match(server.commands[0] ?? "", /timeout -k 5 900\.000 sh -c/);
  });

  it("runs twice at once when it is asked twice at once", async () => {
    const { shell } = await stage();
    const outputs = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => (await shell.run(echo(String(index)), soon)).stdout),
    );
    assert.deepEqual(
      outputs,
      Array.from({ length: 6 }, (_, index) => `<${index}>`),
    );
  });
});

// Most of it is waiting: for deadlines, and for hosts that say nothing.
describe("a kept command and the end of things", { concurrency: true }, () => {
  it("a turn that hangs is given up at its deadline, and the next goes over a new connection", async () => {
    const { server, shell } = await stage();
    const naps = (line: string): Command => asking(sh`sleep "$given"`, line);
    await shell.run(naps("0"), soon);
    await assert.rejects(shell.run(naps("2"), { deadlineMs: 50 }), { reason: "CommandTimedOut" });
    assert.equal((await shell.run(naps("0"), soon)).exitCode, 0);
    assert.equal(server.counters.connections, 2);
  });

  it("an aborted turn rejects with the signal's reason, and the next is not given its answer", async () => {
    const { shell } = await stage();
    const slow = (line: string): Command => asking(sh`case $given in slow) sleep 0.3;; esac; echo "$given"`, line);
    await shell.run(slow("first"), soon);
    const controller = new AbortController();
    const running = shell.run(slow("slow"), { ...soon, signal: controller.signal });
    controller.abort(new Error("stopped by hand"));
    await assert.rejects(running, /stopped by hand/);
    assert.equal((await shell.run(slow("next"), soon)).stdout, "next\n");
  });

  it("a turn that was aborted before it began holds no channel", async () => {
    const { server, shell } = await stage({ channels: 1 });
    await shell.run(echo("x"), soon);
    const controller = new AbortController();
    const running = shell.run(echo("x"), { ...soon, signal: controller.signal });
    controller.abort(new Error("stopped by hand"));
    await assert.rejects(running, /stopped by hand/);
    assert.equal((await shell.run(sh`printf y`, soon)).stdout, "y");
    assert.ok(server.counters.mostOpen <= 2);
  });

  it(
    "a connection that is lost, while it waited or in the middle of a turn, is replaced and it is " + "asked again",
    async () => {
      const { server, shell } = await stage();
      await shell.run(echo("x"), soon);
      server.drop();
      assert.equal((await shell.run(echo("again"), soon)).stdout, "<again>");
      const running = shell.run(asking(sh`sleep 0.5; echo "$given"`, "x"), soon);
      await until("it runs", () => Promise.resolve(server.counters.execs === 3));
      server.drop();
      assert.equal((await running).stdout, "x\n");
      assert.equal(server.counters.connections, 3);
    },
  );

  it("a host that is gone in the middle of a turn cannot be reached", async () => {
    const { server, shell } = await stage();
    const running = shell.run(asking(sh`sleep 1`, "x"), soon);
    await until("it runs", () => Promise.resolve(server.counters.execs === 1));
    await server.close();
    await assert.rejects(running, { reason: "HostUnreachable", message: /cannot be reached: connection refused/ });
  });

  it("a host that ends it while it waits makes no difference", async () => {
    const { server, shell } = await stage();
    const pid = async (): Promise<number> => Number((await shell.run(asking(sh`ps -o ppid= -p $$`, "x"), soon)).stdout);
    process.kill(await pid(), "SIGKILL");
    await until("its channel is free", () => Promise.resolve(server.counters.open === 0));
    assert.ok((await pid()) > 0);
  });

  it("a host that froze is told from one that answers", async () => {
    const { server, shell } = await stage();
    await shell.run(echo("x"), soon);
    server.freeze();
    await assert.rejects(shell.run(echo("x"), { deadlineMs: 50 }), { reason: "CommandTimedOut" });
  });

  it("a host that says nothing at all is out of reach within seconds, whatever the deadline", async () => {
    const { server, shell } = await stage();
    await shell.run(echo("x"), soon);
    server.freeze();
    const started = performance.now();
    const look = { deadlineMs: 43_000, changesNothing: true } as const;
    const message = "db-1 \\(127\\.0\\.0\\.1:\\d+\\) cannot be reached: no answer within 2 s";
    await assert.rejects(shell.run(echo("x"), look), {
      reason: "HostUnreachable",
      message: new RegExp(`^${message}$`),
    });
    assert.ok(performance.now() - started < 10_000);
    const { connections } = server.counters;
    await assert.rejects(shell.run(echo("x"), look), { reason: "HostUnreachable" });
    assert.equal(server.counters.connections, connections, "who asks next is told without another attempt");
  });

  it("a connection that nobody answers on any more is given up for a new one", async () => {
    const { server, shell } = await stage();
    await shell.run(echo("x"), soon);
    server.forgetOpenOnes();
    const started = performance.now();
    assert.equal((await shell.run(echo("again"), { deadlineMs: 43_000 })).stdout, "<again>");
    assert.ok(performance.now() - started < 10_000);
  });

  it("a look that takes its time is waited for, as long as the host began to answer", async () => {
    const { server, shell } = await stage();
    const slow = (line: string): Command => asking(sh`echo begun; sleep "$given"`, line);
    await shell.run(slow("0"), soon);
    assert.equal((await shell.run(slow("4"), { deadlineMs: 43_000 })).stdout, "begun\n");
    assert.equal(server.counters.connections, 1);
  });

  it("whoever cares is told of a connection that is lost, and not of one that is closed", async () => {
    let losses = 0;
    const { server, shell } = await stage({ onLost: () => (losses += 1) });
    await shell.run(echo("x"), soon);
    server.drop();
    await until("it is told", () => Promise.resolve(losses === 1));
    await shell.run(echo("x"), soon);
    await shell.close();
    assert.equal(losses, 1);
  });

  it("nothing is left on the host once the shell is closed", async () => {
    const { shell } = await stage();
    const pid = Number((await shell.run(asking(sh`echo $$`, "x"), soon)).stdout);
    assert.ok(isAlive(pid));
    await shell.close();
    await until("its process is gone", () => Promise.resolve(!isAlive(pid)));
  });
});

describe("kept commands make way", () => {
  const other = (name: string): Command => asking(sh`echo ${name}`, "x");

  it("for others that need their channels, whatever the host allows", async () => {
    for (const maxSessions of [1, 2, 4]) {
      const { server, shell } = await stage({}, { maxSessions });
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      for (const name of ["a", "b", "a", "b"]) assert.equal((await shell.run(other(name), soon)).stdout, `${name}\n`);
      const held = maxSessions === 1 ? undefined : shell.run(sh`cat`, { ...soon, holdUntil: released });
      const runs = Array.from(
        { length: 9 },
        async (_, index) => (await shell.run(index % 3 === 0 ? other("a") : sh`echo ${index}`, soon)).stdout,
      );
      assert.deepEqual(
        await Promise.all(runs),
        Array.from({ length: 9 }, (_, index) => (index % 3 === 0 ? "a\n" : `${index}\n`)),
      );
      release();
      await held;
      assert.equal(server.counters.connections, 1);
    }
  });

  it("for the third of them, the one that was not asked for longest", async () => {
    const { server, shell } = await stage();
    for (const name of ["a", "b", "a", "c", "a", "c"]) await shell.run(other(name), soon);
    assert.equal(server.counters.execs, 3);
    await until("two are kept", () => Promise.resolve(server.counters.open === 2));
    await shell.run(other("b"), soon);
    assert.equal(server.counters.execs, 4);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

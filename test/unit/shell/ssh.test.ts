import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { HostUnreachableError, PghaError } from "../../../src/errors.ts";
import { sh, withInput } from "../../../src/shell/command.ts";
import { connectSsh } from "../../../src/shell/ssh.ts";
import type { SshTarget } from "../../../src/shell/ssh-target.ts";
import { startSshServer } from "../../ssh-server/ssh-server.ts";
import type { SshServer, SshServerOptions } from "../../ssh-server/ssh-server.ts";
import { until } from "../../kube/until.ts";
import { hostKey, login, targetOn } from "../../ssh-server/target.ts";

const cleanUps: (() => Promise<void>)[] = [];
after(async () => {
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
});

async function serverWith(options: Partial<SshServerOptions> & Pick<SshServerOptions, "onExec">): Promise<SshServer> {
  const server = await startSshServer({ authorizedKey: login.publicKey, hostKeys: [hostKey.privateKey], ...options });
  cleanUps.push(() => server.close());
  return server;
}

function shellOn(server: { readonly port: number }, changes: Partial<SshTarget> = {}) {
  const shell = connectSsh(targetOn(server, changes));
  cleanUps.unshift(() => shell.close());
  return shell;
}

const soon = { deadlineMs: 20_000 };

function lost(pattern: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof HostUnreachableError, String(error));
    assert.match(error.message, pattern);
    assert.match(error.message, /outcome of the command is unknown|its outcome is unknown/);
    return true;
  };
}

describe("a command over SSH", () => {
  it("any exit code resolves, output comes back as text, input arrives whole", async () => {
    const shell = shellOn(await serverWith({ onExec: "real" }));
    const big = "é€".repeat(400_000);
    assert.deepEqual(await shell.run(sh`echo ${"it's"}; echo oops >&2; exit 3`, soon), {
      exitCode: 3,
      stdout: "it's\n",
      stderr: "oops\n",
    });
    const echoed = await shell.run(withInput(sh`cat`, big), soon);
    assert.equal(echoed.stdout, big);
    assert.equal((await shell.run(sh`cat`, soon)).stdout, "", "without input the command sees its end at once");
  });

  it("a command that a signal killed while the connection lived has 128 and the signal's number", async () => {
    const shell = shellOn(await serverWith({ onExec: () => Promise.resolve({ signal: "SIGKILL" }) }));
    assert.equal((await shell.run(sh`true`, soon)).exitCode, 137);
  });

  it("a script larger than one argument may be still runs, in one exec, and keeps its input", async () => {
    const server = await serverWith({ onExec: "real" });
    const shell = shellOn(server);
    const long = "'x€ ".repeat(50_000);
    const result = await shell.run(
      withInput(sh`cat; x=${long}; printf '%s' "$x"; exit 7`, "the input\nline two"),
      soon,
    );
    assert.equal(result.exitCode, 7);
    assert.equal(result.stdout, `the input\nline two${long}`);
    assert.equal(server.counters.execs, 1);
  });

  it("lines are told while the command runs, and input stays open until the holder lets go", async () => {
    const shell = shellOn(await serverWith({ onExec: "real" }));
    const { promise: holdUntil, resolve: letGo } = Promise.withResolvers<void>();
    const lines: string[] = [];
    const running = shell.run(withInput(sh`read -r first; echo "got $first"; cat >/dev/null; printf end`, "€1\n"), {
      ...soon,
      holdUntil,
      onLine: (line) => {
        lines.push(line);
        letGo();
      },
    });
    assert.equal((await running).stdout, "got €1\nend");
    assert.deepEqual(lines, ["got €1", "end"]);
  });

  it("an aborted run rejects with the signal's reason, running or queued", async () => {
    const shell = shellOn(await serverWith({ onExec: () => new Promise(() => undefined) }));
    const controller = new AbortController();
    const runs = Array.from({ length: 5 }, () => shell.run(sh`true`, { ...soon, signal: controller.signal }));
    controller.abort(new Error("stopped by hand"));
    const reasons = (await Promise.allSettled(runs)).map((outcome) =>
      outcome.status === "rejected" ? String(outcome.reason) : "resolved",
    );
    assert.deepEqual(
      reasons,
      Array.from({ length: 5 }, () => "Error: stopped by hand"),
    );
  });

  it("a flood of output ends the command", async () => {
    const shell = shellOn(await serverWith({ onExec: "real" }));
    await assert.rejects(
      shell.run(sh`yes | head -c 20000000`, soon),
      (error) => error instanceof PghaError && error.reason === "OutputTooLarge",
    );
  });
});

describe("deadlines and losses are never a success", { concurrency: true }, () => {
  it("the host ends a command that outlives its deadline, and the run rejects", async () => {
    const server = await serverWith({ onExec: "real" });
    const shell = shellOn(server);
    await assert.rejects(shell.run(sh`sleep 30`, { deadlineMs: 100 }), lost(/did not end within 0.1 s/));
    assert.match(server.commands[0] ?? "", /timeout -k 5 0\.100 sh -c/);
    assert.equal((await shell.run(sh`exit 124`, soon)).exitCode, 124, "124 within the deadline is the command's own");
  });

  it("a host too busy to obey within the deadline is late, and nothing is said of its login", async () => {
    const busy = ["/bin/sh", "-c", "sleep 0.2; exit 124"] as const;
    const shell = shellOn(await serverWith({ onExec: "real", loginShell: busy }));
    await assert.rejects(shell.run(sh`true`, { deadlineMs: 100 }), lost(/did not end within 0.1 s/));
  });

  it("a host that never answers is given up on a second after the deadline", async () => {
    const shell = shellOn(await serverWith({ onExec: () => new Promise(() => undefined) }));
    await assert.rejects(shell.run(sh`true`, { deadlineMs: 10 }), lost(/did not end within/));
  });

  it("a connection cut in the middle rejects all that ran, and the next run connects again", async () => {
    let hang = true;
    let begun = 0;
    const server = await serverWith({
      onExec: () => {
        begun += 1;
        return hang ? new Promise(() => undefined) : Promise.resolve({ stdout: "back" });
      },
    });
    const shell = shellOn(server);
    const runs = [shell.run(sh`one`, soon), shell.run(sh`two`, soon)];
    let ended = false;
    const settled = Promise.allSettled(runs).then(() => (ended = true));
    while (begun < 2) {
      assert.ok(!ended, "a run ended by itself");
      await new Promise((resolve) => setImmediate(resolve));
    }
    server.drop();
    await settled;
    for (const run of runs) {
      await assert.rejects(run, lost(/lost the connection to db-1/));
    }
    hang = false;
    assert.equal((await shell.run(sh`three`, soon)).stdout, "back");
    assert.equal(server.counters.connections, 2);
  });

  it("a kept connection that died unnoticed is replaced before anything is run", async () => {
    const server = await serverWith({ onExec: "real" });
    const shell = shellOn(server);
    await shell.run(sh`true`, soon);
    server.drop();
    assert.equal((await shell.run(sh`printf again`, soon)).stdout, "again");
    assert.equal(server.counters.execs, 2);
  });

  it("a channel that closes without an exit status is a loss, whatever was printed", async () => {
    const shell = shellOn(
      await serverWith({
        onExec: (_command, _stdin, channel) => {
          channel.write("all done\n");
          channel.close();
          return new Promise(() => undefined);
        },
      }),
    );
    await assert.rejects(shell.run(sh`true`, soon), lost(/lost the connection/));
  });
});

describe("what only looks leaves no outcome open", () => {
  const look = { deadlineMs: 100, changesNothing: true } as const;

  it("when it does not end in time", async () => {
    const shell = shellOn(await serverWith({ onExec: () => new Promise(() => undefined) }));
    await assert.rejects(shell.run(sh`sleep 60`, look), {
      reason: "CommandTimedOut",
      message: /^db-1 \(.*\) can be logged in to, but a look there did not end within 0\.1 s$/,
    });
  });

  it("when the connection is cut in the middle", async () => {
    const server = await serverWith({ onExec: () => new Promise(() => undefined) });
    const running = shellOn(server).run(sh`sleep 60`, { ...look, deadlineMs: 5_000 });
    await until("it runs", () => Promise.resolve(server.counters.execs === 1));
    server.drop();
    await assert.rejects(running, {
      reason: "HostUnreachable",
      message: /^lost the connection to db-1 \(127\.0\.0\.1:\d+\): [^;]*$/,
    });
  });
});

describe("one connection is shared", { concurrency: true }, () => {
  it("many runs at once make one connection, at most three channels, first come first served", async () => {
    const server = await serverWith({
      onExec: async (_command, stdin) => ({ stdout: (await stdin).toString() }),
      maxSessions: 4,
    });
    const shell = shellOn(server);
    const order: number[] = [];
    const runs = Array.from({ length: 12 }, async (_, index) => {
      const result = await shell.run(withInput(sh`cat`, String(index)), soon);
      order.push(index);
      return result.stdout;
    });
    assert.deepEqual(
      await Promise.all(runs),
      Array.from({ length: 12 }, (_, index) => String(index)),
    );
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.equal(server.counters.connections, 1);
    assert.ok(server.counters.mostOpen <= 3, `${server.counters.mostOpen} channels were open`);
  });

  it("a host that allows fewer channels than three is used with fewer", async () => {
    const server = await serverWith({
      onExec: () => new Promise((resolve) => setTimeout(() => resolve({ stdout: "x" }), 5)),
      maxSessions: 1,
    });
    const shell = shellOn(server);
    const results = await Promise.all(Array.from({ length: 6 }, () => shell.run(sh`true`, soon)));
    assert.equal(results.map((result) => result.stdout).join(""), "xxxxxx");
  });

  it("where two channels are allowed and one is held, the others take turns with the second", async () => {
    const server = await serverWith({ onExec: "real", maxSessions: 2 });
    const shell = shellOn(server);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const held = shell.run(sh`cat`, { ...soon, holdUntil: released });
    const results = await Promise.all(Array.from({ length: 6 }, () => shell.run(sh`printf x`, soon)));
    assert.equal(results.map((result) => result.stdout).join(""), "xxxxxx");
    release();
    await held;
  });

  it(
    "after a command that did not end in time the next one goes over a new connection, and what runs on " +
      "the old one may end",
    async () => {
      const answers: (() => void)[] = [];
      const server = await serverWith({
        onExec: (command) =>
          command.includes("never")
            ? new Promise(() => undefined)
            : new Promise((resolve) => answers.push(() => resolve({ stdout: "x" }))),
      });
      const shell = shellOn(server);
      const long = shell.run(sh`long`, soon);
      await assert.rejects(shell.run(sh`never`, { deadlineMs: 50 }), { reason: "CommandTimedOut" });
      const next = shell.run(sh`next`, soon);
      await until("both wait for their answers", () => Promise.resolve(answers.length === 2));
      assert.equal(server.counters.connections, 2);
      answers.forEach((answer) => answer());
      assert.deepEqual(
        (await Promise.all([long, next])).map(({ stdout }) => stdout),
        ["x", "x"],
      );
      await until("the old connection is closed", () => Promise.resolve(server.connected() === 1));
    },
  );

  it("closing does not wait for a host that is gone", async () => {
    const server = await serverWith({ onExec: "real" });
    const shell = shellOn(server);
    await shell.run(sh`true`, soon);
    server.freeze();
    const start = performance.now();
    await shell.close();
    assert.ok(performance.now() - start < 3_000);
  });

  it("after close nothing is run any more", async () => {
    const shell = shellOn(await serverWith({ onExec: "real" }));
    await shell.run(sh`true`, soon);
    await shell.close();
    await assert.rejects(shell.run(sh`true`, soon), /was closed on this side/);
  });
});

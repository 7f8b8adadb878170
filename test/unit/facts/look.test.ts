import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { HostAccessError, HostKeyError, HostUnreachableError } from "../../../src/errors.ts";
import { lookAt } from "../../../src/facts/look.ts";
import type { Fact } from "../../../src/facts/fact.ts";
import { sh } from "../../../src/shell/command.ts";
import type { RemoteShell, RunResult } from "../../../src/shell/shell.ts";
import { localShell } from "./local-shell.ts";

const here = localShell();
after(() => here.remove());

const hello: Fact<string> = { command: sh`echo hello`, parse: ({ stdout }) => stdout.trim() };
const clock: Fact<{ offsetMs: number } | undefined> = {
  command: sh`true`,
  parse: (output) => output.clock,
  readsClock: true,
};

function shellThat(run: () => Promise<RunResult>): RemoteShell {
  return { host: "db-1", run };
}

describe("a look", () => {
  it("answers all questions in one exec", async () => {
    let execs = 0;
    const counting: RemoteShell = {
      host: "db-1",
      run: (command, options) => {
        execs += 1;
        return here.run(command, options);
      },
    };
    assert.deepEqual(await lookAt(counting, { hello, again: hello }), {
      seen: true,
      host: "db-1",
      facts: { hello: "hello", again: "hello" },
    });
    assert.equal(execs, 1);
  });

  it("takes a host out of reach for a fact, with the error's own reason and way out", async () => {
    const errors = [
      new HostUnreachableError("db-1", "no route", { wayOut: "plug it in" }),
      new HostKeyError("db-1", "another key", { reason: "HostKeyChanged", wayOut: "compare" }),
      new HostAccessError("db-1", "no entry", { reason: "AuthenticationFailed", wayOut: "add the key" }),
    ];
    for (const error of errors) {
      const look = await lookAt(
        shellThat(() => Promise.reject(error)),
        { hello },
      );
      assert.deepEqual(look, {
        seen: false,
        host: "db-1",
        reason: error.reason,
        message: error.message,
        wayOut: error.wayOut,
      });
    }
  });

  it("lets any other error through, such as an abort", async () => {
    await assert.rejects(
      lookAt(
        shellThat(() => Promise.reject(new Error("stopped by the user"))),
        { hello },
      ),
      /stopped by the user/,
    );
  });

  it("names the question whose answer makes no sense", async () => {
    const picky: Fact<never> = {
      command: sh`true`,
      parse: () => {
        throw new Error("the filesystem does not answer");
      },
    };
    const look = await lookAt(here, { hello, picky });
    assert.deepEqual(look.seen ? "seen" : [look.reason, look.message], [
      "LookFailed",
      "picky: the filesystem does not answer",
    ]);
  });

  it("tells a held lock, missing rights and a broken host apart", async () => {
    const cases: readonly [RunResult, string][] = [
      [{ exitCode: 75, stdout: "", stderr: "pgha: an earlier step still runs on this host\n" }, "HostLocked"],
      [
        { exitCode: 2, stdout: "", stderr: "sh: 4: cannot create /run/pgha/step.lock: Permission denied\n" },
        "PrivilegeMissing",
      ],
      [{ exitCode: 125, stdout: "", stderr: "mktemp: No space left on device\n" }, "LookFailed"],
      [{ exitCode: 0, stdout: "Welcome to db-1!\n", stderr: "" }, "LookFailed"],
    ];
    for (const [result, reason] of cases) {
      const look = await lookAt(
        shellThat(() => Promise.resolve(result)),
        { hello },
      );
      assert.equal(look.seen ? "seen" : look.reason, reason, result.stderr);
    }
  });
});

describe("the clock of a host", () => {
  // Our clock as it would have to stand for the host's to be `ahead` of it, with the way there and back taking so long.
  const read = async (aheadMs: number, thereMs: number, backMs: number) => {
    const times = [Date.now() - aheadMs - thereMs, 0];
    const look = await lookAt(here, { clock }, { now: () => times.shift() || Date.now() - aheadMs + backMs });
    assert.ok(look.seen);
    return look.facts.clock;
  };

  it("is right when ours and its own readings fit, however slow the way there was", async () => {
    for (const [there, back] of [
      [0, 0],
      [5_000, 0],
      [0, 5_000],
      [300, 300],
    ] as const) {
      assert.equal((await read(0, there, back))?.offsetMs, 0, `${there} ms there, ${back} ms back`);
    }
  });

  it("is off by at least what the readings prove", async () => {
    for (const ahead of [-60_000, 60_000]) {
      const began = performance.now();
      const { offsetMs = 0 } = (await read(ahead, 100, 100)) ?? {};
      const tookMs = performance.now() - began + 200;
      assert.equal(Math.sign(offsetMs), Math.sign(ahead));
      assert.ok(Math.abs(offsetMs) <= 60_000 && Math.abs(offsetMs) + tookMs >= 60_000, `${offsetMs}, in ${tookMs} ms`);
    }
  });
});

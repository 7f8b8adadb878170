import assert from "node:assert/strict";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { HostAccessError, PghaError } from "../../../src/errors.ts";
import { sh, withInput } from "../../../src/shell/command.ts";
import type { Command } from "../../../src/shell/command.ts";
import { exitCodeOfLock, underLookLock, underStepLock, withHostLock } from "../../../src/shell/host-lock.ts";
import type { RemoteShell } from "../../../src/shell/shell.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

let folder: string;

/** The host's /run/pgha is a temporary folder; `hurry` shortens the waits of the scripts. */
function shell(hurry: (script: string) => string = (script) => script) {
  return localShell((script) => hurry(script.replaceAll("/run/pgha", join(folder, "run"))));
}

const impatient = (script: string): string => script.replace("timeout 30", "timeout 0.2");
const soon = { deadlineMs: 10_000 };

describe("locks on a host", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pgha-lock-"));
  });
  afterEach(() => {
    removeFolder(folder);
  });

  describe("the run lock", () => {
    it("is held while the work runs and is free afterwards, whether the work succeeds or throws", async () => {
      const first = await withHostLock(shell(), "anna", () => Promise.resolve(1));
      assert.equal(first, 1);
      await assert.rejects(
        withHostLock(shell(), "anna", () => Promise.reject(new Error("work failed"))),
        /work failed/,
      );
      assert.equal(await withHostLock(shell(), "bert", () => Promise.resolve(2)), 2);
      assert.equal(existsSync(join(folder, "run/run.owner")), false);
    });

    it("names who holds it to whoever comes second, however odd the name", async () => {
      const owner = "anna's $(reboot)\n on `laptop`";
      await withHostLock(shell(), owner, async () => {
        const error: unknown = await withHostLock(shell(), "bert", () => Promise.resolve()).catch(
          (caught: unknown) => caught,
        );
        assert.ok(error instanceof PghaError);
        assert.equal(error.reason, "HostLocked");
        assert.equal(error.retry, "soon");
        assert.equal(error.message, "local is locked by anna's $(reboot) on `laptop`");
      });
    });

    it("tells the work when the lock was lost", async () => {
      const host = shell(impatient);
      await withHostLock(host, "anna", async (lost) => {
        assert.equal(lost.aborted, false);
        host.cut();
        await setTimeout(2_000, undefined, { signal: lost }).catch(() => undefined);
        assert.equal(lost.aborted, true);
        assert.match(String(lost.reason), /connection lost/);
      });
    });

    it("ends on the host when no heartbeat comes any more, though nothing closed the connection", async () => {
      const host = shell(impatient);
      await withHostLock(host, "anna", () => {
        host.cut();
        return Promise.resolve();
      }).catch(() => undefined);
      const deadline = Date.now() + 5_000;
      let free = false;
      while (!free && Date.now() < deadline) {
        free = await withHostLock(shell(), "bert", () => Promise.resolve(true)).catch(() => false);
      }
      assert.ok(free, "the lock stayed");
    });

    it("without the right to it, a missing privilege is named", async () => {
      const refusing: RemoteShell = {
        host: "db-1",
        run: () =>
          Promise.resolve({
            exitCode: 77,
            stdout: "",
            stderr: "mkdir: cannot create directory '/run/pgha': Permission denied\n",
          }),
      };
      await assert.rejects(
        withHostLock(refusing, "anna", () => Promise.resolve()),
        (error) => error instanceof HostAccessError && error.reason === "PrivilegeMissing",
      );
    });
  });

  describe("step and look locks", () => {
    const shorter = (script: string): string => script.replaceAll(/-w \d+/g, "-w 0.1");

    it("a command under a lock keeps its input, output and exit code", async () => {
      const command = underStepLock(withInput(sh`cat; echo oops >&2; exit 3`, "given"));
      assert.deepEqual(await shell().run(command, soon), { exitCode: 3, stdout: "given", stderr: "oops\n" });
      assert.equal(underLookLock(sh`true`).display, "true");
    });

    /** Runs `first` until it says so, then `second`, which waits a tenth of a second only. */
    async function whileRunning(first: Command, second: Command): Promise<number> {
      const { promise: started, resolve: start } = Promise.withResolvers<void>();
      const { promise: holdUntil, resolve: letGo } = Promise.withResolvers<void>();
      const running = shell().run(first, { ...soon, holdUntil, onLine: () => start() });
      await started;
      const result = await shell(shorter).run(second, soon);
      letGo();
      await running;
      return result.exitCode;
    }
    const lingering = sh`echo started; cat >/dev/null`;

    it("a second step waits for the first, and so does a look; looks share", async () => {
      assert.equal(await whileRunning(underStepLock(lingering), underStepLock(sh`true`)), exitCodeOfLock);
      assert.equal(await whileRunning(underStepLock(lingering), underLookLock(sh`true`)), exitCodeOfLock);
      assert.equal(await whileRunning(underLookLock(lingering), underStepLock(sh`true`)), exitCodeOfLock);
      assert.equal(await whileRunning(underLookLock(lingering), underLookLock(sh`true`)), 0);
    });

    it("children inherit the lock: a step whose shell was killed is still waited for", async () => {
      const orphan = underStepLock(sh`sleep 0.7 </dev/null >/dev/null 2>&1 & kill -9 $$`);
      await shell()
        .run(orphan, soon)
        .catch(() => undefined);
      assert.equal((await shell(shorter).run(underStepLock(sh`true`), soon)).exitCode, exitCodeOfLock);
      assert.equal(
        (await shell().run(underStepLock(sh`true`), soon)).exitCode,
        0,
        "and once it ended, the next step runs",
      );
    });
  });
});

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { ApplyEvent } from "../../../src/apply/events.ts";
import { batchOf } from "../../../src/apply/step-batch.ts";
import { takeWave } from "../../../src/apply/take-wave.ts";
import type { HostChange } from "../../../src/changes/table.ts";
import type { Step } from "../../../src/plan/plan.ts";
import { secret, sh, withStdin } from "../../../src/shell/command.ts";
import type { RemoteShell } from "../../../src/shell/shell.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

let folder: string;

const { username } = userInfo();

function fileStep(name: string, content: string): Step {
  const file = { path: join(folder, name), content, owner: username, group: username, mode: 0o600, secret: true };
  return step(`file ${name}`, { kind: "write-file", file, before: { kind: "absent" } });
}

function step(id: string, change: HostChange): Step {
  return {
    id,
    resource: "PostgresHACluster/x",
    host: "local",
    stage: "prepare",
    change,
    because: "of the test",
    impact: "none",
  };
}

/** Counts execs, and lets `onExec` meddle before each. */
function host(): { readonly shell: RemoteShell; execs: number } {
  const real = localShell((script) => script.replaceAll("/run/pgha", join(folder, "run")));
  const counted = {
    execs: 0,
    shell: {
      host: "local",
      run: async (...args: Parameters<RemoteShell["run"]>) => ((counted.execs += 1), real.run(...args)),
    },
  };
  return counted;
}

async function take(
  steps: readonly Step[],
  {
    shell,
    onEvent = () => {},
    signal = new AbortController().signal,
  }: { readonly shell: RemoteShell; readonly onEvent?: (event: ApplyEvent) => void; readonly signal?: AbortSignal },
) {
  const told: string[] = [];
  const result = await takeWave(steps, {
    shellFor: () => shell,
    materialFor: () => MATERIAL,
    record: () => assert.fail("no records to write"),
    owner: "test",
    signal,
    now: Date.now,
    onEvent: (event) => {
      if ("step" in event) told.push(`${event.kind} ${event.step.id}`);
      onEvent(event);
    },
  });
  return { result, told };
}

describe("taking a wave on this machine", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pgha-wave-"));
  });
  afterEach(() => {
    removeFolder(folder);
  });

  describe("a wave", () => {
    it("takes small steps of a host in one exec beside the lock's, and tells of each as if it were alone", async () => {
      const local = host();
      const { result, told } = await take(
        [fileStep("a", "one\n"), fileStep("b", "two ' $x `y`\\\n"), fileStep("c", "")],
        local,
      );
      assert.deepEqual(result, { kind: "taken" });
      assert.deepEqual(told, [
        "step-started file a",
        "step-done file a",
        "step-started file b",
        "step-done file b",
        "step-started file c",
        "step-done file c",
      ]);
      assert.deepEqual(
        ["a", "b", "c"].map((name) => readFileSync(join(folder, name), "utf8")),
        ["one\n", "two ' $x `y`\\\n", ""],
      );
      assert.equal(local.execs, 2);
    });

    it("stops at the step that fails, names it and repeats what it said", async () => {
      writeFileSync(join(folder, "in-the-way"), "");
      const { result, told } = await take(
        [fileStep("a", "1"), fileStep("in-the-way/b", "2"), fileStep("c", "3")],
        host(),
      );
      assert.ok(result.kind === "failed");
      assert.equal(result.step.id, "file in-the-way/b");
      assert.match(result.failure.said, /in-the-way/);
      assert.deepEqual(told.slice(1), [
        "step-done file a",
        "step-started file in-the-way/b",
        "step-failed file in-the-way/b",
      ]);
      assert.equal(existsSync(join(folder, "c")), false);
    });

    it("begins no other step once it is interrupted, though they went to the host together", async () => {
      const interrupt = new AbortController();
      const slow = Array.from({ length: 200 }, (_, number) => fileStep(`file-${number}`, "x"));
      const { result } = await take(slow, {
        ...host(),
        signal: interrupt.signal,
        onEvent: (event) => {
          if (event.kind === "step-done") interrupt.abort();
        },
      });
      assert.deepEqual(result, { kind: "interrupted" });
      assert.equal(existsSync(join(folder, "file-0")), true);
      assert.equal(existsSync(join(folder, "file-199")), false);
    });
  });

  describe("commands in one", () => {
    it("keep their inputs out of the script and of what people see", () => {
      const { script, display } = batchOf([withStdin(sh`cat`, secret("hunter2")), sh`true`]);
      assert.doesNotMatch(script + display, /hunter2|aHVudGVyMg/);
    });

    it("cannot be taken for over by what one of them prints", async () => {
      const { exitCode, stdout } = await host().shell.run(batchOf([sh`echo over 1`, sh`exit 3`]), {
        deadlineMs: 5_000,
        holdUntil: new Promise(() => {}),
      });
      assert.deepEqual([exitCode, stdout], [3, "over 0\n"]);
    });
  });
});

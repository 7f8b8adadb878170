import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { takeWave } from "../../../src/apply/take-wave.ts";
import type { SwitchOver } from "../../../src/changes/switch-over.ts";
import type { Step } from "../../../src/plan/plan.ts";
import type { RemoteShell, RunResult } from "../../../src/shell/shell.ts";
import { MATERIAL } from "../../fixtures/material.ts";

const OK: RunResult = { exitCode: 0, stdout: "", stderr: "" };
const POOLERS = ["p-1", "p-2"];

const CHANGE: SwitchOver = {
  kind: "switch-over",
  from: "db-1",
  to: "db-2",
  url: "http://10.0.0.1:8008",
  api: { address: "10.0.0.2", port: 8008 },
  others: ["db-1", "db-3"],
  ways: POOLERS.map((host) => ({ host, proxy: true, pooler: { port: 6432 } })),
  force: false,
  restarts: false,
};
const STEP: Step = {
  id: "switchover",
  resource: "PostgresHACluster/x",
  host: "db-1",
  stage: "settle",
  impact: "disruptive",
  because: "of the test",
  change: CHANGE,
};

/** Hosts that say what they were told, in its order; `says` is what comes of it where that is not that it succeeds. */
function hosts(says: Readonly<Record<string, RunResult>> = {}) {
  const told: string[] = [];
  const held = new Map<string, PromiseWithResolvers<RunResult>>();
  const shellFor = (host: string): RemoteShell => ({
    host,
    run: async ({ script }, { onLine, holdUntil, heartbeatMs }) => {
      if (script.includes("run.lock")) {
        onLine?.("locked");
        await holdUntil;
        return OK;
      }
      const what = script.includes("CHECKPOINT")
        ? "checkpoint"
        : script.includes("apt-get")
          ? "upgrade"
          : script.includes("curl")
            ? "switch"
            : script.includes("readers.lease")
              ? "drain"
              : script.includes("echo ready")
                ? "hold"
                : "let go";
      if (script === "true") return OK;
      told.push(`${what} ${host}`);
      const answer = says[`${what} ${host}`];
      if (what === "drain" && answer === undefined) {
        assert.ok(heartbeatMs !== undefined && heartbeatMs <= 1000, "it is told that somebody is there");
        onLine?.("ready");
        await holdUntil;
        told.push(`readers return ${host}`);
        return OK;
      }
      if (what === "let go") held.get(host)?.resolve({ exitCode: 143, stdout: "", stderr: "" });
      // All go on once the other leads.
      if (what === "switch" && answer === undefined) for (const { resolve } of held.values()) resolve(OK);
      if (what !== "hold" || answer !== undefined) return answer ?? OK;
      assert.ok(heartbeatMs !== undefined && heartbeatMs <= 1000, "it is told that somebody is there");
      const over = Promise.withResolvers<RunResult>();
      held.set(host, over);
      onLine?.("ready");
      return over.promise;
    },
  });
  return { told, shellFor };
}

async function take(shellFor: (host: string) => RemoteShell, change: Step["change"] = CHANGE) {
  return takeWave([{ ...STEP, change }], {
    shellFor,
    materialFor: () => MATERIAL,
    record: () => assert.fail("no records to write"),
    owner: "test",
    signal: new AbortController().signal,
    now: Date.now,
    onEvent: () => undefined,
  });
}

describe("a step that several hosts take part in", () => {
  it("writes all before anybody waits, acts once all wait, and ends when all have gone on", async () => {
    const { told, shellFor } = hosts();
    assert.deepEqual(await take(shellFor), { kind: "taken" });
    assert.deepEqual(told, ["checkpoint db-1", "checkpoint db-2", "hold p-1", "hold p-2", "switch db-1"]);
  });

  it("acts not at all where one is not ready, lets go of the others, and says why", async () => {
    const { told, shellFor } = hosts({ "hold p-2": { exitCode: 75, stdout: "", stderr: "n8n does not end" } });
    const result = await take(shellFor);
    assert.ok(result.kind === "failed");
    assert.match(result.failure.said, /n8n does not end/);
    assert.ok(!told.includes("switch db-1"));
    assert.deepEqual(told.slice(-2), ["let go p-1", "let go p-2"]);
  });

  it("lets go of all where it is refused", async () => {
    const { told, shellFor } = hosts({
      "switch db-1": { exitCode: 22, stdout: "leader name does not match", stderr: "" },
    });
    const result = await take(shellFor);
    assert.ok(result.kind === "failed");
    assert.match(result.failure.said, /leader name does not match/);
    assert.deepEqual(told.slice(-3), ["switch db-1", "let go p-1", "let go p-2"]);
  });

  const drains = POOLERS.map((host) => ({ host, seconds: 15 }));

  it("has readers leave before anybody waits, and come back once the other leads", async () => {
    const { told, shellFor } = hosts();
    assert.deepEqual(await take(shellFor, { ...CHANGE, drains }), { kind: "taken" });
    assert.deepEqual(told, [
      "checkpoint db-1",
      "checkpoint db-2",
      "drain p-1",
      "drain p-2",
      "hold p-1",
      "hold p-2",
      "switch db-1",
      "readers return p-1",
      "readers return p-2",
    ]);
  });

  it("has them come back where it is refused, and acts not at all where they could not leave", async () => {
    const refused = hosts({ "switch db-1": { exitCode: 22, stdout: "leader name does not match", stderr: "" } });
    assert.equal((await take(refused.shellFor, { ...CHANGE, drains })).kind, "failed");
    assert.deepEqual(refused.told.slice(-2), ["readers return p-1", "readers return p-2"]);
    const held = hosts({ "drain p-2": { exitCode: 75, stdout: "", stderr: "others have readers led past" } });
    const result = await take(held.shellFor, { ...CHANGE, drains });
    assert.ok(result.kind === "failed");
    assert.match(result.failure.said, /others have readers led past/);
    assert.ok(!held.told.some((what) => /^(?:hold|switch)/.test(what)));
    assert.equal(held.told.at(-1), "readers return p-1");
  });

  it("installs newer packages of a member before readers leave it, and restarts it after", async () => {
    const { told, shellFor } = hosts();
    const change: Step["change"] = {
      kind: "restart-member",
      member: "db-1",
      url: "http://10.0.0.1:8008",
      role: "replica",
      onlyPending: false,
      dataDirectory: "/data",
      postmaster: "1 1",
      startSeconds: 60,
      upgrades: [{ name: "patroni", from: "4.0.6-1", to: "4.0.7-1" }],
      readers: { drains, api: { address: "10.0.0.1", port: 8008 } },
    };
    assert.deepEqual(await take(shellFor, change), { kind: "taken" });
    assert.deepEqual(told, [
      "upgrade db-1",
      "drain p-1",
      "drain p-2",
      "switch db-1",
      "readers return p-1",
      "readers return p-2",
    ]);
    const without = hosts({ "upgrade db-1": { exitCode: 100, stdout: "", stderr: "no such version" } });
    assert.equal((await take(without.shellFor, change)).kind, "failed");
    assert.deepEqual(without.told, ["upgrade db-1"]);
  });

  it("has nobody wait where the checkpoint fails", async () => {
    const { told, shellFor } = hosts({ "checkpoint db-2": { exitCode: 2, stdout: "", stderr: "disk full" } });
    assert.equal((await take(shellFor)).kind, "failed");
    assert.ok(told.every((what) => what.startsWith("checkpoint")));
  });
});

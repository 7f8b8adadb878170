import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import type { PlanDocument } from "../../src/plan/format-json.ts";
import { oneHost } from "./one-host.ts";

const run = promisify(execFile);
const ROOT = new URL("../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "pgha-bundle-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

before(() => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/build.mjs"), folder], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});

test("the bundle knows the commit it was built from", async () => {
  const { stdout } = await run(process.execPath, [join(folder, "pgha.mjs"), "version", "-o", "json"]);
  assert.match((JSON.parse(stdout) as { commit: string }).commit, /^([0-9a-f]{12}(-modified)?|unknown)$/);
});

test("the bundle reaches hosts over SSH, with every dependency in it", async (context) => {
  const host = await oneHost(context);
  const outcome = await run(process.execPath, [join(folder, "pgha.mjs"), "plan", "-o", "json"], { cwd: host.folder }).catch((error: unknown) => error as { stdout: string; stderr: string });
  assert.match(outcome.stdout, /^\{/, outcome.stderr);
  assert.equal(host.server.counters.execs, 1);
  assert.ok(!(JSON.parse(outcome.stdout) as PlanDocument).blockers.some((blocker) => blocker.reason === "HostUnreachable"));
});

test("what a command does not need it does not load: no SSH and no Kubernetes client at the start", () => {
  const start = readFileSync(join(folder, "pgha.mjs"), "utf8");
  assert.doesNotMatch(start, /poly1305|SSH-2\.0|KubeConfig/);
  assert.ok(readdirSync(folder).length > 3, "it is in parts");
});

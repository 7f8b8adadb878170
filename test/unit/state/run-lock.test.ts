import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { lockState } from "../../../src/state/run-lock.ts";
import { StateLockedError } from "../../../src/state/state-error.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "pgha-lock-"));
  t.after(async () => removeFolder(path));
  return path;
}

/** Takes the lock in a process of its own and is killed with it. */
async function killedOwner(path: string): Promise<void> {
  const module = new URL("../../../src/state/run-lock.ts", import.meta.url).href;
  const script =
    `const { lockState } = await import(${JSON.stringify(module)}); await ` +
    `lockState(${JSON.stringify(path)}, "pgha apply"); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
}

void test("two runs on one state are kept apart, and the second is told of the first", async (t) => {
  const path = await folder(t);
  const lock = await lockState(path, "pgha apply -f prod.yaml");
  await assert.rejects(lockState(path, "pgha apply"), (error) => {
    assert.ok(error instanceof StateLockedError);
    assert.match(error.message, new RegExp(`pgha apply -f prod\\.yaml, process ${process.pid}, .* since 20`));
    return true;
  });
  await lock.release();
  await (await lockState(path, "pgha apply")).release();
  assert.deepEqual(await readdir(path), []);
});

void test("of many that start at once exactly one gets the lock", async (t) => {
  const path = await folder(t);
  const results = await Promise.allSettled(Array.from({ length: 20 }, async () => await lockState(path, "pgha apply")));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
});

void test("the lock of a run that was killed is taken over, by one of many", async (t) => {
  const path = await folder(t);
  await killedOwner(path);
  assert.deepEqual(await readdir(path), ["run.lock"]);
  const results = await Promise.allSettled(Array.from({ length: 20 }, async () => await lockState(path, "pgha apply")));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
});

const spoil = async (path: string, change: object) => {
  const lock = join(path, "run.lock");
  const owner = JSON.parse(await readFile(lock, "utf8")) as object;
  await writeFile(lock, JSON.stringify({ ...owner, ...change }));
};

void test("a process id that another program has by now does not hold the lock", async (t) => {
  const path = await folder(t);
  await lockState(path, "pgha apply");
  await spoil(path, { started: "1" });
  await lockState(path, "pgha apply");
});

void test("a lock from before the machine was started again is taken over", async (t) => {
  const path = await folder(t);
  await lockState(path, "pgha apply");
  await spoil(path, { boot: "another" });
  await lockState(path, "pgha apply");
});

void test("a lock from another machine is not judged", async (t) => {
  const path = await folder(t);
  await lockState(path, "pgha apply");
  await spoil(path, { machine: "admin-02", pid: 2 ** 22 + 1 });
  await assert.rejects(lockState(path, "pgha apply"), /process 4194305 on admin-02/);
});

void test("a lock that was taken over is not released by its former owner", async (t) => {
  const path = await folder(t);
  const first = await lockState(path, "pgha apply");
  await spoil(path, { boot: "another", token: "gone" });
  await lockState(path, "pgha apply");
  await first.release();
  assert.deepEqual(await readdir(path), ["run.lock"]);
});

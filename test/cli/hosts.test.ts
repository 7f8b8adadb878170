import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { PlanDocument } from "../../src/plan/format-json.ts";
import { addSshKeySecret, lockState, openFolderStore } from "../../src/state/index.ts";
import { generateKeyPair } from "../ssh-server/keys.ts";
import { oneHost } from "./one-host.ts";
import type { OneHost } from "./one-host.ts";

const RECORD = ".pgha/status/PostgresHACluster.main.yaml";

async function blockers({ pgha }: OneHost): Promise<readonly string[]> {
  const { code, stdout, stderr } = await pgha("plan", "-o", "json");
  assert.equal(code, 1, stderr);
  return (JSON.parse(stdout) as PlanDocument).blockers.map((blocker) => `${blocker.host}: ${blocker.reason}`);
}

test("a look at a host is one command over one connection", async (context) => {
  const host = await oneHost(context);
  await host.pgha("plan");
  assert.deepEqual(
    [host.server.counters.connections, host.server.counters.logins, host.server.counters.execs],
    [1, 1, 1],
  );
  assert.equal(host.server.counters.open, 0, "no channel is left open");
});

test("F95: a host that shows another key is refused before any command runs there", async (context) => {
  const host = await oneHost(context, { hostKey: () => generateKeyPair().publicKey });
  assert.deepEqual(await blockers(host), ["db-1: HostKeyChanged"]);
  assert.match((await host.pgha("plan")).stdout, /✗ db-1: [\s\S]*SHA256:[\s\S]*way out: /);
  assert.deepEqual(host.server.commands, []);
});

test("a key that is not accepted blocks, with what to look at", async (context) => {
  const host = await oneHost(context, { privateKey: () => generateKeyPair().privateKey });
  assert.deepEqual(await blockers(host), ["db-1: AuthenticationFailed"]);
});

test("a host that is down is a blocker, not an error", async (context) => {
  const host = await oneHost(context);
  await host.server.close();
  assert.deepEqual(await blockers(host), ["db-1: HostUnreachable"]);
});

test("F95: a key believed on first use is recorded, and required from then on", async (context) => {
  const host = await oneHost(context, { hostKey: () => undefined, hostKeyPolicy: "trust-on-first-use" });
  await host.pgha("plan");
  const record = readFileSync(join(host.folder, RECORD), "utf8");
  const [key = ""] = host.server.hostKeys;
  assert.ok(record.includes(key), record);
  await host.pgha("plan");
  assert.equal(host.server.counters.execs, 2, "the recorded key is accepted");
  writeFileSync(join(host.folder, RECORD), record.replace(key, generateKeyPair().publicKey));
  assert.deepEqual(await blockers(host), ["db-1: HostKeyChanged"]);
  assert.equal(host.server.counters.execs, 2, "and another is not");
});

test("a private key that is nowhere, or of no use, is refused with the way to give one", async (context) => {
  const missing = await (await oneHost(context, { privateKey: () => undefined })).pgha("plan");
  assert.equal(missing.code, 1);
  assert.match(
    missing.stderr,
    /PostgresHACluster\/main\n {2}spec\.ssh\.privateKeySecretRef: there is no Secret vm-ssh[\s\S]*way out: [\s\S]*pgha import --ssh-key/,
  );
  const encrypted = await (
    await oneHost(context, { privateKey: () => generateKeyPair("ed25519", "open sesame").privateKey })
  ).pgha("plan");
  assert.equal(encrypted.code, 1);
  assert.match(encrypted.stderr, /protected by a passphrase/);
});

test("a key in the state folder serves as well as one in the manifest", async (context) => {
  const host = await oneHost(context, { privateKey: () => undefined });
  await addSshKeySecret(await openFolderStore(join(host.folder, ".pgha")), "vm-ssh", host.privateKey, "the test");
  await host.pgha("plan");
  assert.equal(host.server.counters.execs, 1);
});

test("two applies on one state folder are kept apart, and the second is told of the first", async (context) => {
  const host = await oneHost(context);
  await host.pgha("plan");
  const lock = await lockState(join(host.folder, ".pgha"), "pgha apply");
  const { code, stderr } = await host.pgha("apply", "--yes");
  assert.equal(code, 1);
  assert.match(stderr, /^error: pgha apply, process \d+, has been at work with this state since .*\n {2}way out: /m);
  assert.equal((await host.pgha("plan")).stderr, (await host.pgha("plan")).stderr, "looking needs no lock");
  await lock.release();
  await host.pgha("apply", "--yes");
  assert.ok(!existsSync(join(host.folder, ".pgha/run.lock")), "an apply leaves no lock behind");
});

test("no secret is in what any command prints, or in a command line on the host", async (context) => {
  const host = await oneHost(context);
  const outputs = [
    await host.pgha("plan", "--diff"),
    await host.pgha("status", "-o", "yaml"),
    await host.pgha("apply", "--yes", "--log", "json"),
  ];
  const body = host.privateKey.split("\n")[2] ?? "";
  const all = [...outputs.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...host.server.commands].join("\n");
  assert.ok(body.length > 20 && !all.includes(body));
});

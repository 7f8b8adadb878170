import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import type { PlanDocument } from "../../src/plan/format-json.ts";
import { oneHost } from "./one-host.ts";
import { removeFolder } from "../temporary/remove-folder.ts";

const run = promisify(execFile);
const ROOT = new URL("../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "pgha-bundle-"));
process.on("exit", () => removeFolder(folder));

before(() => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/build.mjs"), folder], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

test("the bundle knows the commit it was built from", async () => {
  const { stdout } = await run(process.execPath, [join(folder, "pgha.mjs"), "version", "-o", "json"]);
  assert.match((JSON.parse(stdout) as { commit: string }).commit, /^([0-9a-f]{12}(-modified)?|unknown)$/);
});

test("the bundle reaches hosts over SSH, with every dependency in it", async (context) => {
  const host = await oneHost(context);
  const outcome = await run(process.execPath, [join(folder, "pgha.mjs"), "plan", "-o", "json"], {
    cwd: host.folder,
  }).catch((error: unknown) => error as { stdout: string; stderr: string });
  assert.match(outcome.stdout, /^\{/, outcome.stderr);
  assert.equal(host.server.counters.execs, 1);
  assert.ok(
    !(JSON.parse(outcome.stdout) as PlanDocument).blockers.some((blocker) => blocker.reason === "HostUnreachable"),
  );
});

test("the bundle finds the same faults in a manifest as the sources", () => {
  const manifest = `apiVersion: pgha.keybuzz.io/v1alpha1
kind: PostgresHACluster
metadata: {name: "A b", color: red}
spec:
  ssh: {user: 7, privateKeySecretRef: {}}
  hosts: [{name: "x y", address: 10.0.0.1, hostKey: none, failoverPriority: -1}]
  postgresql: {version: 5, parameters: {max_connections: [1]}, clientNetworks: "10.0.0.0/8"}
  patroni: {ttl: 30, loopWait: soon, dcs: {}}
---
apiVersion: pgha.keybuzz.io/v1alpha1
kind: HAProxyPool
metadata: {name: p}
spec: {clusterRef: {name: c}, ssh: {user: root, privateKeySecretRef: {name: k}}, hosts: [], ports: {write: 70000}}
---
apiVersion: pgha.keybuzz.io/v1alpha1
kind: PgBouncerPool
metadata: {name: p}
spec: {clusterRef: {name: c}, ssh: {user: root, privateKeySecretRef: {name: k}}, hosts: [{name: h, address: 10.0.0.9}], poolMode: often}
`;
  writeFileSync(join(folder, "faulty.yaml"), manifest);
  const said = (program: string) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, "validate", "-f", join(folder, "faulty.yaml")],
      { encoding: "utf8" },
    );
    return { status, stdout, stderr };
  };
  const bundled = said(join(folder, "pgha.mjs"));
  assert.match(bundled.stderr, /poolMode/);
  assert.deepEqual(bundled, said(join(ROOT, "src/main.ts")));
});

test("what a command does not need it does not load: no SSH and no Kubernetes client at the start", () => {
  const start = readFileSync(join(folder, "pgha.mjs"), "utf8");
  assert.doesNotMatch(start, /poly1305|SSH-2\.0|KubeConfig/);
  assert.ok(readdirSync(folder).length > 3, "it is in parts");
});

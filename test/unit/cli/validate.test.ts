import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ValidateDocument } from "../../../src/cli/validate/run.ts";
import { pgha } from "./fake-environment.ts";
import { emptyFolder, manifestFolder } from "./manifest-folder.ts";

test("sound manifests are named, and no host is asked", async (context) => {
  assert.deepEqual(await pgha(["validate"], { workingDirectory: manifestFolder(context) }), {
    code: 0,
    stdout: "✓ 3 resources on 5 hosts, all sound: PostgresHACluster/main, HAProxyPool/proxy, PgBouncerPool/pooler\n",
    stderr: "",
  });
});

const BROKEN = `apiVersion: pgha.keybuzz.io/v1alpha1
kind: PostgresHACluster
metadata: {name: main}
spec:
  ssh: {privateKeySecretRef: {name: vm-ssh}, hostKeyPolicy: trust-on-first-use}
  hosts: [{name: db-1, address: 10.0.0.1}, {name: db-2, address: 10.0.0.1}]
  postgresql: {version: 12, dataVolume: {mountPath: /data}}
`;

test("everything that is wrong is named at once, with its place and a way out", async (context) => {
  const folder = emptyFolder(context);
  writeFileSync(join(folder, "broken.yaml"), BROKEN);
  const { code, stdout, stderr } = await pgha(["validate", "-f", "broken.yaml"], { workingDirectory: folder });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^error: \d problems; nothing was touched\n\nPostgresHACluster\/main\n/);
  for (const place of ["spec.postgresql.version: ", "spec.hosts"]) {
    assert.ok(stderr.includes(place), `${place} in ${stderr}`);
  }
  assert.match(stderr, /\n {6}way out: /);
});

test("problems come as JSON where a program asks", async (context) => {
  const folder = emptyFolder(context);
  writeFileSync(join(folder, "broken.yaml"), BROKEN);
  const { code, stdout, stderr } = await pgha(["validate", "-f", "broken.yaml", "-o", "json"], {
    workingDirectory: folder,
  });
  assert.deepEqual([code, stderr], [1, ""]);
  const document = JSON.parse(stdout) as ValidateDocument;
  assert.equal(document.valid, false);
  assert.ok(document.problems.some((problem) => problem.path === "spec.postgresql.version"));
});

test("a file that is not there is a problem like any other", async (context) => {
  const { code, stderr } = await pgha(["validate", "-f", "nowhere.yaml"], { workingDirectory: emptyFolder(context) });
  assert.equal(code, 1);
  assert.match(stderr, /nowhere\.yaml\n {2}does not exist\n {6}way out: /);
});

test("there is no state to name where no state is used", async () => {
  assert.match((await pgha(["validate", "--state", "x"])).stderr, /unknown option '--state'/);
});

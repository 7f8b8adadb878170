import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { endianness, tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { commandFor } from "../../../src/changes/commands.ts";
import type { HostChange } from "../../../src/changes/table.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import type { Command } from "../../../src/shell/command.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const root = mkdtempSync(join(tmpdir(), "pgha-removal-"));

/** Programs of a host, as far as these commands use them; what they say is decided by the test. */
let systemId = "7400";
let unitRuns = false;

async function run(command: Command): Promise<{ readonly exitCode: number; readonly stderr: string }> {
  const controldata = `echo_id`;
  const rewrite = (script: string): string =>
    `echo_id() { ${systemId === "" ? "return 127" : `echo 'Database system identifier:           ${systemId}'`}; }\nsystemctl() { case $1 in ` +
    `is-active) ${unitRuns ? "return 0" : "return 3"};; esac; }\n` +
    script
      .replaceAll("/etc/pgha", `${root}/etc/pgha`)
      .replaceAll('"/usr/lib/postgresql/$v/bin/pg_controldata"', controldata)
      .replaceAll("/opt/pgha", `${root}/opt/pgha`);
  return localShell(rewrite).run(command, { deadlineMs: 10_000 });
}

const data = {
  directory: join(root, "data/pgdata"),
  besides: [join(root, "data/raft")],
  systemId: "7400",
  unit: "patroni.service",
};

const command = (change: HostChange) => commandFor(change, MATERIAL);

describe("removal", () => {
  after(() => removeFolder(root));
  beforeEach(() => {
    systemId = "7400";
    unitRuns = false;
    removeFolder(root);
    mkdirSync(join(root, "etc/pgha/haproxy"), { recursive: true });
    mkdirSync(join(root, "data/pgdata"), { recursive: true });
    mkdirSync(join(root, "data/raft"), { recursive: true });
    writeFileSync(join(root, "data/pgdata/PG_VERSION"), "17\n");
  });

  it("files go only if they begin as pgha's do (F37)", async () => {
    const [own, foreign, link] = ["own.conf", "foreign.conf", "link.conf"].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(own, "# Written by pgha, which brings it back\nx\n");
    writeFileSync(foreign, "# mine\n# Written by pgha\n");
    const [ownScript, foreignScript] = [join(root, "own"), join(root, "foreign")];
    writeFileSync(ownScript, "#!/bin/sh\n# Written by pgha, which brings it back\n");
    writeFileSync(foreignScript, "#!/usr/bin/python3\n\n# Written by pgha\n");
    symlinkSync(own, link);
    const files = [link, own, foreign, ownScript, foreignScript];
    assert.equal((await run(command({ kind: "remove-own-files", files, trees: ["/etc/pgha/haproxy"] }))).exitCode, 0);
    assert.deepEqual(
      [own, foreign, join(root, "etc/pgha"), ownScript, foreignScript].map((path) => existsSync(path)),
      [false, true, false, false, true],
    );
  });

  it("a folder that pgha made for its file goes with it, unless somebody else has a file there", async () => {
    const [empty, shared] = ["empty.service.d", "shared.service.d"].map((name) => join(root, name)) as [string, string];
    for (const folder of [empty, shared]) {
      mkdirSync(folder);
      writeFileSync(join(folder, "pgha.conf"), "# Written by pgha, which brings it back\n");
    }
    writeFileSync(join(shared, "mine.conf"), "[Service]\n");
    const files = [empty, shared].map((folder) => join(folder, "pgha.conf"));
    assert.equal((await run(command({ kind: "remove-own-files", files, trees: [] }))).exitCode, 0);
    assert.deepEqual(
      [empty, shared, join(shared, "mine.conf"), join(shared, "pgha.conf")].map((path) => existsSync(path)),
      [false, true, true, false],
    );
  });

  it("a folder that is not pgha's own by its place is never removed, whoever asks", () => {
    for (const tree of ["/etc", "/etc/pgha", "/etc/pgha/..", "/opt/pgha/../x", "/var/lib/pgha/x"])
      assert.throws(() => command({ kind: "remove-own-files", files: [], trees: [tree] }), TypeError, tree);
  });

  it("the data of the cluster that is meant goes, and its journal with it", async () => {
    assert.equal((await run(command({ kind: "remove-data", data }))).exitCode, 0);
    assert.deepEqual([existsSync(data.directory), existsSync(join(root, "data/raft"))], [false, false]);
    assert.equal((await run(command({ kind: "remove-data", data }))).exitCode, 0, "and again is no fault");
  });

  it("another cluster's data stays (F09)", async () => {
    systemId = "9999";
    const result = await run(command({ kind: "remove-data", data }));
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /left alone/);
    assert.deepEqual([existsSync(data.directory), existsSync(join(root, "data/raft"))], [true, true]);
  });

  it("is known by its control file alone where no program of PostgreSQL's is on the host", async () => {
    systemId = "";
    mkdirSync(join(root, "data/pgdata/global"));
    const write = (identifier: bigint): void => {
      const bytes = Buffer.alloc(8192);
      if (endianness() === "LE") bytes.writeBigUInt64LE(identifier);
      else bytes.writeBigUInt64BE(identifier);
      writeFileSync(join(root, "data/pgdata/global/pg_control"), bytes);
    };
    write(7401n);
    assert.match((await run(command({ kind: "remove-data", data }))).stderr, /left alone/);
    assert.ok(existsSync(data.directory));
    write(7400n);
    assert.equal((await run(command({ kind: "remove-data", data }))).exitCode, 0);
    assert.ok(!existsSync(data.directory));
  });

  it("what is no whole database stays", async () => {
    rmSync(join(root, "data/pgdata/PG_VERSION"));
    assert.equal((await run(command({ kind: "remove-data", data }))).exitCode, 1);
    assert.ok(existsSync(data.directory));
  });

  it("nothing is deleted below a service that runs", async () => {
    unitRuns = true;
    assert.equal((await run(command({ kind: "remove-data", data }))).exitCode, 1);
    assert.ok(existsSync(data.directory));
  });

  it("a link in place of the data leads nowhere", async () => {
    const link = join(root, "data/link");
    symlinkSync(data.directory, link);
    assert.equal((await run(command({ kind: "remove-data", data: { ...data, directory: link } }))).exitCode, 1);
    assert.ok(existsSync(data.directory));
  });
});

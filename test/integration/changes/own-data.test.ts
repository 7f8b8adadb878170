import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chownSync, lstatSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { commandFor } from "../../../src/changes/commands.ts";
import type { OwnedData } from "../../../src/changes/own-data.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";
import { runHere } from "../../unit/changes/run-here.ts";

const FORMER = 20_104;
const OWNER = 20_070;

describe("data that are given to another user, as root", () => {
  let root: string;
  let volume: string;
  let pgdata: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), "pgha-own-"));
    // Of systemd nothing is asked here.
    writeFileSync(
      join(root, "systemctl"),
      `#!/bin/sh\ncase $1 in show) echo not-found ;; is-active) [ -e "${root}/runs" ] ;; esac\n`,
      { mode: 0o755 },
    );
    volume = join(root, "volume");
    pgdata = join(volume, "pgdata");
    for (const folder of ["pgdata/base/1", "pgdata/pg_tblspc", "raft", "space", "somebodys"])
      mkdirSync(join(volume, folder), { recursive: true });
    for (const file of ["pgdata/PG_VERSION", "pgdata/base/1/a name\nwith a line", "raft/j", "space/t", "somebodys/s"])
      writeFileSync(join(volume, file), "x");
    symlinkSync(join(volume, "space"), join(pgdata, "pg_tblspc/16400"));
    execFileSync("chown", ["-R", `${FORMER}:${FORMER}`, volume]);
  });
  after(() => removeFolder(root));

  const give = async (data: Partial<OwnedData> = {}): Promise<{ readonly exitCode: number; readonly stderr: string }> =>
    runHere(
      commandFor(
        {
          kind: "own-data",
          unit: "pgha-nonesuch.service",
          data: {
            directory: pgdata,
            besides: [join(volume, "raft")],
            within: volume,
            owner: String(OWNER),
            group: String(OWNER),
            ...data,
          },
        },
        MATERIAL,
      ),
      root,
    );
  const ownerOf = (path: string): number => lstatSync(join(volume, path)).uid;

  it("stay as they are while a server works on them", async () => {
    const server = spawn("sleep", ["60"], { cwd: pgdata });
    writeFileSync(join(pgdata, "postmaster.pid"), `${server.pid}\n`);
    chownSync(join(pgdata, "postmaster.pid"), FORMER, FORMER);
    const { exitCode, stderr } = await give();
    server.kill("SIGKILL");
    assert.equal(exitCode, 1);
    assert.match(stderr, /PostgreSQL still runs on .*pgdata, process \d+/);
    assert.equal(ownerOf("pgdata/PG_VERSION"), FORMER);
  });

  it("stay as they are where a link leads out of what a container is given", async () => {
    const { exitCode, stderr } = await give({ within: join(root, "another") });
    assert.equal(exitCode, 1);
    assert.match(stderr, /pg_tblspc\/16400 leads to .*space, which no container is given/);
    assert.equal(ownerOf("pgdata"), FORMER);
  });

  it("are given whole, the folder last, after whoever was killed in the middle as well, and nothing beside them", async () => {
    // A number that is no process's there any more; half of the files are given already.
    writeFileSync(join(pgdata, "postmaster.pid"), `${process.pid}\n`);
    chownSync(join(pgdata, "base"), OWNER, OWNER);
    const { exitCode, stderr } = await give();
    assert.equal(exitCode, 0, stderr);
    for (const path of [
      "pgdata",
      "pgdata/base",
      "pgdata/base/1/a name\nwith a line",
      "pgdata/pg_tblspc/16400",
      "space",
      "space/t",
      "raft",
      "raft/j",
    ])
      assert.equal(ownerOf(path), OWNER, path);
    for (const path of ["somebodys", "somebodys/s"]) assert.equal(ownerOf(path), FORMER, path);
  });

  it("are left alone once they are given, whatever runs, and while something runs that is not to", async () => {
    writeFileSync(join(root, "runs"), "");
    assert.equal((await give()).exitCode, 0);
    const { exitCode, stderr } = await give({ owner: String(FORMER), group: String(FORMER) });
    assert.equal(exitCode, 1);
    assert.match(stderr, /pgha-nonesuch\.service still runs/);
    assert.equal(ownerOf("pgdata"), OWNER);
  });
});

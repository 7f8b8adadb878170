import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { PATRONI } from "../../../src/desired/services.ts";
import { beforeStop } from "../../../src/render/before-stop.ts";
import { serverPrograms, startPostgres } from "./temporary-postgres.ts";
import type { TemporaryPostgres } from "./temporary-postgres.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const programs = serverPrograms();

describe("what Patroni runs before it stops a real PostgreSQL", { skip: programs === undefined }, () => {
  let postgres: TemporaryPostgres;
  before(() => {
    postgres = startPostgres(programs ?? "");
  });
  // It is stopped by then.
  after(() => removeFolder(postgres.directory));

  const marker = () => `${postgres.directory}/handover`;
  /** As a shell reads it, which is how Python's shlex does where there are single quotes alone. */
  const run = () =>
    spawnSync("sh", ["-c", beforeStop(`${postgres.directory}/data`).replaceAll(PATRONI.handover, marker())]);
  const isUp = () => existsSync(`${postgres.directory}/data/postmaster.pid`);

  it("does nothing but in a switchover of pgha's, and in none that is long over", () => {
    for (const until of [undefined, Math.floor(Date.now() / 1000) - 1, "", "soon"]) {
      if (until === undefined) rmSync(marker(), { force: true });
      else writeFileSync(marker(), `${until}\n`);
      assert.equal(run().status, 0);
      assert.ok(isUp(), `with ${until}`);
    }
  });

  it("then stops it at once, and ends when it is gone", () => {
    writeFileSync(marker(), `${Math.floor(Date.now() / 1000) + 15}\n`);
    const { stderr } = run();
    assert.equal(stderr.toString(), "");
    assert.ok(!isUp());
    assert.equal(run().status, 0, "of one that is stopped it wants nothing");
  });
});

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import { commandFor, deadlineFor } from "../../../src/changes/commands.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import type { PatroniProof } from "../../../src/changes/reload-unit.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

/**
 * A Patroni that loads its file when it is asked for the third time after it was told to, and answers 503 as without
 * PostgreSQL.
 */
async function patroni(
  context: TestContext,
  loads: string,
  after = 3,
): Promise<{
  readonly proof: PatroniProof;
  readonly run: () => Promise<{
    readonly exitCode: number;
    readonly stderr: string;
    readonly asked: number;
    readonly calls: string;
    readonly noted: string;
  }>;
}> {
  const root = mkdtempSync(join(tmpdir(), "pgha-units-"));
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response
      .writeHead(503)
      .end(
        JSON.stringify({ state: "starting", tags: { pgha_config: asked < after ? "old" : loads } }).replaceAll(
          /([:,])(?=["{])/g,
          "$1 ",
        ),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    removeFolder(root);
  });
  for (const program of ["systemctl", "journalctl"]) {
    writeFileSync(
      join(root, program),
      `#!/bin/sh\necho "${program} $1" >>"${root}/calls"\n[ "$1" != show ] || echo no\n`,
    );
    chmodSync(join(root, program), 0o755);
  }
  const file = join(root, "config.yml");
  writeFileSync(file, "");
  const notes = join(root, "run/pgha/read/patroni.service");
  const proof: PatroniProof = {
    kind: "patroni",
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/patroni`,
    tag: "pgha_config",
    value: "new",
    withinSeconds: 2,
    roundSeconds: 0.4,
  };
  return {
    proof,
    run: async () => {
      const { exitCode, stderr } = await localShell((script) =>
        `PATH=${root}:$PATH\n${script}`.replaceAll("/run/pgha", `${root}/run/pgha`),
      ).run(commandFor({ kind: "reload-unit", unit: "patroni.service", reads: [file], proof }, MATERIAL), {
        deadlineMs: 20_000,
      });
      const noted = existsSync(notes) ? readFileSync(notes, "utf8").replaceAll(root, "") : "";
      return { exitCode, stderr, asked, calls: readFileSync(join(root, "calls"), "utf8"), noted };
    },
  };
}

describe("reloading Patroni", () => {
  it("is over when Patroni shows what the next look goes by, not when it was told", async (context) => {
    const { run } = await patroni(context, "new");
    const { noted, ...rest } = await run();
    assert.deepEqual(rest, {
      exitCode: 0,
      stderr: "",
      asked: 3,
      calls: "systemctl show\nsystemctl show\nsystemctl reload\n",
    });
    assert.match(noted, /^no read \d+:\d+\.\d{9} \/config\.yml\n$/);
  });

  it("has failed where Patroni does not show it in time, and its log is asked why", async (context) => {
    const { run } = await patroni(context, "another");
    const { exitCode, stderr, calls, noted } = await run();
    assert.equal(noted, "", "what it has not read is not noted");
    assert.deepEqual(
      [exitCode, stderr],
      [1, "Patroni still shows another pgha_config after 2 s: its loop hangs, or it refused the file\n"],
    );
    assert.match(calls, /journalctl/);
  });

  it("of a file whose mark it shows already is over after a round of its loop, since nothing else tells", async (context) => {
    const { run } = await patroni(context, "new", 0);
    const begun = performance.now();
    assert.equal((await run()).exitCode, 0);
    assert.ok(performance.now() - begun >= 400);
  });

  it("may take as long as the wait and a reload together", async (context) => {
    const { proof } = await patroni(context, "new");
    assert.equal(
      deadlineFor({ kind: "reload-unit", unit: "patroni.service", reads: [], proof: { ...proof, withinSeconds: 610 } }),
      730_000,
    );
  });
});

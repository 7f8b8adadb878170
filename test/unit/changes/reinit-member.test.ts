import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, beforeEach, describe, it } from "node:test";
import { reinitMember } from "../../../src/changes/reinit-member.ts";
import type { ReinitMember } from "../../../src/changes/reinit-member.ts";
import { COPY } from "../../../src/facts/data-directory.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { runHere } from "./run-here.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const ROUND = ["/leader/primary", "/own/primary", "/own/reinitialize"];

describe("having a member's data copied anew", () => {
  const directory = mkdtempSync(join(tmpdir(), "pgha-reinit-"));
  const version = join(directory, "data", "PG_VERSION");
  const asked: string[] = [];
  let bodies: unknown[] = [];
  /** What the member and its leader answer, by path; a function does something first. */
  let answers: Readonly<Record<string, () => readonly [number, string]>>;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(request.url ?? "");
      if (body !== "") bodies.push(JSON.parse(body));
      const [status, words] = answers[request.url ?? ""]?.() ?? [404, ""];
      response.writeHead(status).end(words);
    });
  });
  before(async () => once(server.listen(0, "127.0.0.1"), "listening"));
  after(() => {
    server.close();
    removeFolder(directory);
  });

  /** Another file of the same content, as a base backup leaves it. */
  function copyAnew(): void {
    writeFileSync(`${version}.new`, "17\n");
    rmSync(version, { force: true });
    writeFileSync(version, "17\n");
    rmSync(`${version}.new`);
  }

  beforeEach(() => {
    asked.length = 0;
    bodies = [];
    mkdirSync(join(directory, "data"), { recursive: true });
    copyAnew();
    receiver("");
    // setpriv would want to become postgres.
    writeFileSync(
      join(directory, "setpriv"),
      '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift 2; exec psql "$@"\n',
      { mode: 0o755 },
    );
    answers = {
      "/leader/primary": () => [200, ""],
      "/own/primary": () => [503, ""],
      "/own/reinitialize": () => {
        copyAnew();
        return [200, "reinitialize started"];
      },
    };
  });

  function receiver(status: string): void {
    writeFileSync(join(directory, "psql"), `#!/bin/sh\ncat >>'${join(directory, "stdin")}'\necho '${status}'\n`, {
      mode: 0o755,
    });
    writeFileSync(join(directory, "stdin"), "");
  }

  function copyOf(): string {
    return execFileSync("stat", ["-c", COPY, version], { encoding: "utf8" }).trim();
  }

  async function run(change: Partial<ReinitMember> = {}) {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const command = reinitMember.command(
      {
        kind: "reinit-member",
        member: "db-2",
        url: `${base}/own`,
        leader: "db-1",
        leaderUrl: `${base}/leader`,
        dataDirectory: join(directory, "data"),
        copy: copyOf(),
        watchSeconds: 0,
        ...change,
      },
      MATERIAL,
    );
    return runHere(command, directory);
  }

  it("asks the leader, then Patroni, with its login on standard input only, and waits until the old copy is gone", async () => {
    const { exitCode, stderr, script } = await run();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(asked, ROUND);
    assert.deepEqual(bodies, [{ force: false }]);
    assert.ok(!script.includes("password of the test"));
    assert.equal(readFileSync(join(directory, "stdin"), "utf8"), "", "nobody else reads the password");
  });

  it("leaves another copy alone, and what begins to stream", async () => {
    assert.equal((await run({ copy: "1.1" })).exitCode, 0);
    receiver("streaming");
    assert.equal((await run({ watchSeconds: 60 })).exitCode, 0);
    assert.deepEqual(asked, []);
    receiver("");
    const copy = copyOf();
    const watching = run({ copy, watchSeconds: 60 });
    rmSync(version);
    assert.equal((await watching).exitCode, 0);
    assert.deepEqual(asked, []);
  });

  it("waits for the end of a try to start it, and looks anew then", async () => {
    const tries = (most: number, meanwhile: () => void) => {
      let tried = 0;
      answers = {
        ...answers,
        "/own/reinitialize": () => {
          tried += 1;
          if (tried > most) copyAnew();
          else meanwhile();
          return tried > most ? [200, "reinitialize started"] : [503, "restarting after failure already in progress"];
        },
      };
    };
    tries(1, () => undefined);
    const { exitCode, stderr, script } = await run();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(asked, [...ROUND, ...ROUND]);
    assert.deepEqual(bodies, [{ force: false }, { force: false }]);
    assert.ok(!script.includes("password of the test"));
    for (const meanwhile of [() => receiver("streaming"), copyAnew]) {
      asked.length = 0;
      receiver("");
      tries(9, meanwhile);
      assert.equal((await run()).exitCode, 0);
      assert.deepEqual(asked, ROUND, "that copy is none of ours any more");
    }
    receiver("");
    tries(9, () => (answers = { ...answers, "/leader/primary": () => [503, ""] }));
    assert.match((await run()).stderr, /db-1 does not lead any more/);
  });

  it("fails where the leader leads no more, where it leads itself, and in Patroni's words", async () => {
    answers = { ...answers, "/leader/primary": () => [503, ""] };
    assert.match((await run()).stderr, /db-1 does not lead any more/);
    answers = { ...answers, "/leader/primary": () => [200, ""], "/own/primary": () => [200, ""] };
    assert.match((await run()).stderr, /it leads by now/);
    assert.ok(!asked.includes("/own/reinitialize"));
    const refusing = (words: string) => ({
      ...answers,
      "/own/primary": () => [503, ""] as const,
      "/own/reinitialize": () => [503, words] as const,
    });
    answers = refusing("Cluster has no leader, can not reinitialize");
    const refused = await run();
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /Patroni said: Cluster has no leader/);
    answers = refusing("running pg_rewind from db-1 already in progress");
    assert.equal((await run()).exitCode, 0);
  });
});

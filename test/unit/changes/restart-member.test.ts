import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, beforeEach, describe, it } from "node:test";
import { restartMember } from "../../../src/changes/restart-member.ts";
import type { RestartMember } from "../../../src/changes/restart-member.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { runHere } from "./run-here.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

interface Told {
  readonly method: string;
  readonly path: string;
  readonly login: string;
  readonly body: unknown;
}

describe("restarting a member", () => {
  const directory = mkdtempSync(join(tmpdir(), "pgha-restart-"));
  const told: Told[] = [];
  let answer = { status: 200, words: "restarted successfully" };
  const patroni = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    void text(request).then((body) => {
      told.push({
        method,
        path: url,
        login: headers.authorization ?? "",
        body: body === "" ? undefined : JSON.parse(body),
      });
      response.writeHead(answer.status).end(answer.words);
    });
  });
  before(async () => once(patroni.listen(0, "127.0.0.1"), "listening"));
  after(() => {
    patroni.close();
    removeFolder(directory);
  });

  async function run(postmaster = "4711 1764416598", as: Partial<RestartMember> = {}) {
    const { port } = patroni.address() as AddressInfo;
    const command = restartMember.command(
      {
        kind: "restart-member",
        member: "db-1",
        url: `http://127.0.0.1:${port}`,
        role: "replica",
        onlyPending: true,
        dataDirectory: directory,
        postmaster,
        startSeconds: 60,
        ...as,
      },
      MATERIAL,
    );
    return runHere(command, directory);
  }

  it("asks Patroni, with its login on standard input only", async () => {
    writeFileSync(join(directory, "postmaster.pid"), "4711\n/data\n1764416598\n5432\n");
    const { exitCode, script } = await run();
    assert.equal(exitCode, 0);
    const [first, ...more] = told;
    const { login, ...request } = first ?? { login: "" };
    assert.deepEqual(
      [request, more],
      [{ method: "POST", path: "/restart", body: { role: "replica", timeout: 60, restart_pending: true } }, []],
    );
    assert.match(login, /^Basic /);
    assert.ok(!script.includes("password of the test"));
  });

  it("leaves a process alone that took the place of the one that was to go", async () => {
    told.length = 0;
    assert.equal((await run("4712 1764416598")).exitCode, 0);
    assert.equal((await run("4711 1764416599")).exitCode, 0);
    assert.deepEqual(told, []);
  });

  it("fails in Patroni's words, but for one that takes longer to start: that one has restarted", async () => {
    answer = { status: 503, words: "restart conditions are not satisfied" };
    const refused = await run();
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /Patroni said: restart conditions are not satisfied/);
    answer = { status: 503, words: "postgres is still starting" };
    assert.equal((await run()).exitCode, 0);
  });

  describe("with its Patroni", () => {
    const acts = (): readonly string[] => readFileSync(join(directory, "acts"), "utf8").split("\n").filter(Boolean);
    before(() => {
      writeFileSync(join(directory, "postmaster.pid"), "4711\n/data\n1764416598\n5432\n");
      writeFileSync(
        join(directory, "systemctl"),
        `#!/bin/sh\n[ "$1" = show ] && echo no || echo "$*" >>'${join(directory, "acts")}'\n`,
        { mode: 0o755 },
      );
    });
    beforeEach(() => writeFileSync(join(directory, "acts"), ""));
    const whole = { unit: "patroni.service" };

    it("restarts the unit, of a replica that is one still and of a leader that leads still", async () => {
      answer = { status: 503, words: "" };
      assert.equal((await run(undefined, whole)).exitCode, 0);
      answer = { status: 200, words: "" };
      assert.equal((await run(undefined, { ...whole, role: "primary" })).exitCode, 0);
      assert.deepEqual(acts(), ["restart patroni.service", "restart patroni.service"]);
      assert.deepEqual(told.at(-1)?.path, "/primary");
    });

    it("restarts nothing where another leads by now, or where it was restarted already", async () => {
      answer = { status: 200, words: "" };
      assert.match((await run(undefined, whole)).stderr, /another member leads by now/);
      answer = { status: 503, words: "" };
      assert.match((await run(undefined, { ...whole, role: "primary" })).stderr, /another member leads by now/);
      assert.equal((await run("4712 1764416598", whole)).exitCode, 0);
      assert.deepEqual(acts(), []);
    });
  });
});

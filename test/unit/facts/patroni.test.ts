import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { memberRole } from "../../../src/facts/member-role.ts";
import { patroniFact } from "../../../src/facts/patroni.ts";
import { runHere } from "./run-here.ts";
import { answerOf, hung, missing, readTranscript, silent } from "./transcript.ts";

const { parse } = patroniFact({ address: "10.77.2.120", port: 8008 });

describe("Patroni", () => {
  it("4.0 is read on a real streaming replica", () => {
    const { answers, member, cluster, dynamicConfig } = parse(answerOf(readTranscript("debian-13/replica"), "patroni"));
    assert.equal(answers, true);
    assert.deepEqual(member, {
      state: "running",
      role: "replica",
      serverVersion: 170012,
      systemId: "7712044738105498160",
      pendingRestart: false,
      patroniVersion: "4.0.7",
      scope: "keybuzz-pg",
      tags: { pgha_config: "0123456789abcdef" },
      paused: false,
      dcsLastSeen: 1795600768,
    });
    assert.deepEqual(
      cluster?.map(({ name, role, state, lagBytes }) => [name, role, state, lagBytes]),
      [
        ["db-1", "replica", "streaming", 0],
        ["db-2", "primary", "running", undefined],
        ["db-3", "replica", "streaming", 0],
      ],
    );
    assert.equal(dynamicConfig?.["loop_wait"], 1);
  });

  it("4.0 is read on a real primary", () => {
    const { member } = parse(answerOf(readTranscript("debian-13/primary"), "patroni"));
    assert.deepEqual([member?.role, member?.timeline], ["primary", 2]);
  });

  it("4.0 says of a real primary that it waits for a restart", () => {
    const { member, cluster } = parse(answerOf(readTranscript("debian-13/pending-restart"), "patroni"));
    assert.equal(member?.pendingRestart, true);
    assert.deepEqual(
      cluster?.map(({ name, pendingRestart }) => [name, pendingRestart]),
      [
        ["db-1", true],
        ["db-2", true],
        ["db-3", true],
      ],
    );
  });

  it("4.0 and 3.0 are read on real members without quorum or PostgreSQL", () => {
    const read = (name: string) => parse(answerOf(readTranscript(name), "patroni"));
    assert.deepEqual(
      read("debian-13/no-quorum").cluster?.map(({ role, state }) => `${role} ${state}`),
      ["replica running", "replica stopped", "replica stopped"],
    );
    assert.deepEqual(
      [read("debian-13/start-failed").member?.state, read("debian-13/start-failed").member?.serverVersion],
      ["starting", undefined],
    );
    // The lone member still finds itself in the leader key of its own copy of the DCS.
    const lone = read("debian-12/no-quorum");
    assert.deepEqual(
      [lone.member?.role, lone.member?.patroniVersion, lone.cluster?.[0]?.role],
      ["replica", "3.0.2", "primary"],
    );
  });

  it("3.0 is read on real members: a streaming replica is called running there", () => {
    const primary = parse(answerOf(readTranscript("debian-12/primary"), "patroni"));
    const replica = parse(answerOf(readTranscript("debian-12/replica"), "patroni"));
    assert.deepEqual(
      [primary.member?.role, replica.member?.role, replica.member?.state],
      ["primary", "replica", "running"],
    );
    assert.deepEqual(
      replica.cluster?.map(({ role, state, lagBytes }) => [role, state, lagBytes]),
      [
        ["primary", "running", undefined],
        ["replica", "running", 0],
        ["replica", "running", 0],
      ],
    );
  });

  it("that is stopped, missing or hangs does not answer, and that is all", () => {
    for (const output of [answerOf(readTranscript("debian-13/stopped"), "patroni"), missing, hung, silent]) {
      assert.deepEqual(parse(output), { answers: false });
    }
  });

  it("with an unknown lag has no lag, never 0 (F80)", () => {
    const members = [
      { name: "a", role: "replica", state: "running", host: "h", port: 5432, lag: "unknown" },
      { name: "b", role: "Leader", state: "running", host: "h", port: 5432, pending_restart: true },
    ];
    const { cluster } = parse({ exitCode: 0, stdout: `000 \n200 ${JSON.stringify({ members })}\n502 {}\n` });
    assert.deepEqual(cluster, [
      { name: "a", role: "replica", state: "running", address: "h", port: 5432, pendingRestart: false },
      { name: "b", role: "primary", state: "running", address: "h", port: 5432, pendingRestart: true },
    ]);
  });

  it("says what it is while PostgreSQL is down, with status 503, paused and pending", () => {
    const body = {
      state: "start failed",
      role: "replica",
      pause: true,
      pending_restart: true,
      patroni: { version: "3.0.2", scope: "s" },
    };
    const { member, cluster, dynamicConfig } = parse({
      exitCode: 0,
      stdout: `503 ${JSON.stringify(body)}\n503 \n502 \n`,
    });
    assert.deepEqual(member, {
      state: "start failed",
      role: "replica",
      pendingRestart: true,
      patroniVersion: "3.0.2",
      scope: "s",
      tags: {},
      paused: true,
    });
    assert.deepEqual([cluster, dynamicConfig], [undefined, undefined]);
  });

  it("is no Patroni when another HTTP server answers on its port", () => {
    assert.deepEqual(parse({ exitCode: 0, stdout: "200 <html>\n404 \n200 []\n" }), { answers: true });
  });
});

describe("roles of members (F80)", () => {
  it("are the same whatever Patroni's version calls them", () => {
    for (const name of ["Leader", "leader", "primary", "master"]) assert.equal(memberRole(name), "primary");
    for (const name of ["Replica", "replica", "standby"]) assert.equal(memberRole(name), "replica");
    for (const name of ["Sync Standby", "sync_standby", "quorum_standby"])
      assert.equal(memberRole(name), "sync_standby");
    for (const name of ["Standby Leader", "standby_leader"]) assert.equal(memberRole(name), "standby_leader");
    for (const name of ["uninitialized", "", null, undefined, 7]) assert.equal(memberRole(name), "unknown");
  });
});

describe("asking Patroni", () => {
  const serve = async (
    answer: Parameters<typeof createServer>[1],
    ask: (port: number) => Promise<void>,
  ): Promise<void> => {
    const server = createServer({}, answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      await ask((server.address() as AddressInfo).port);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  it("gets all three answers, large and slow ones too, with text beyond ASCII", async () => {
    const tags = { note: "wörk\n€".repeat(50_000) };
    await serve(
      (request, response) => {
        response.writeHead(200);
        const body = JSON.stringify(
          request.url === "/patroni"
            ? { state: "running", role: "primary", tags }
            : request.url === "/cluster"
              ? { members: [] }
              : { ttl: 30 },
          null,
          2,
        );
        response.write(body.slice(0, 10));
        setTimeout(() => response.end(body.slice(10)), 100);
      },
      async (port) => {
        const { answer } = await runHere(patroniFact({ address: "127.0.0.1", port }));
        assert.deepEqual(answer.member?.tags, tags);
        assert.deepEqual([answer.cluster, answer.dynamicConfig], [[], { ttl: 30 }]);
      },
    );
  });

  it("gives up after 2 s on what hangs, and keeps what was answered", async () => {
    await serve(
      (request, response) => {
        if (request.url === "/patroni") response.end(JSON.stringify({ state: "running", role: "replica" }));
      },
      async (port) => {
        const start = performance.now();
        const { answer } = await runHere(patroniFact({ address: "127.0.0.1", port }));
        const took = performance.now() - start;
        assert.ok(took > 900 && took < 10_000, `took ${took} ms`);
        assert.deepEqual([answer.answers, answer.member?.role, answer.cluster], [true, "replica", undefined]);
      },
    );
  });

  it("ends at once where nobody listens, and for a name that is none", async () => {
    for (const address of ["127.0.0.1", "name.invalid", "::1"]) {
      const { answer } = await runHere(patroniFact({ address, port: 1 }));
      assert.deepEqual(answer, { answers: false });
    }
  });
});

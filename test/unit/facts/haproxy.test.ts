import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HAPROXY } from "../../../src/desired/services.ts";
import { haproxyFact } from "../../../src/facts/haproxy.ts";
import { runHere } from "./run-here.ts";
import { answerOf, hung, missing, readTranscript, silent } from "./transcript.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const { parse } = haproxyFact(HAPROXY);

describe("HAProxy", () => {
  it("3.0 and 2.6 tell what is loaded and which servers are up, on real hosts (F51)", () => {
    for (const [name, version, leader] of [
      ["debian-13/proxy", "3.0.11-1+deb13u5", "db-2"],
      ["debian-12/proxy", "2.6.12-1+deb12u4", "db-1"],
    ] as const) {
      const haproxy = parse(answerOf(readTranscript(name), "haproxy"));
      assert.deepEqual([haproxy?.version, haproxy?.description], [version, "pgha-0123456789abcdef"]);
      const up = haproxy?.servers
        .filter(({ status }) => status === "UP")
        .map(({ backend, server }) => `${backend} ${server}`);
      assert.deepEqual(up, [
        `write ${leader}`,
        ...["db-1", "db-2", "db-3"].filter((server) => server !== leader).map((server) => `read ${server}`),
      ]);
    }
  });

  it("tells why a server is down", () => {
    const down = parse(answerOf(readTranscript("debian-13/proxy"), "haproxy"))?.servers.find(
      ({ status }) => status === "DOWN",
    );
    assert.deepEqual(down, {
      backend: "write",
      server: "db-1",
      status: "DOWN",
      checkStatus: "L7STS",
      checkDescription: "Layer7 wrong status: Service Unavailable",
    });
  });

  it("that does not answer is none", () => {
    for (const output of [hung, missing, silent, { exitCode: 0, stdout: "Unknown command.\n" }]) {
      assert.equal(parse(output), undefined);
    }
  });

  it("is asked over its socket, with one line, until it closes", async () => {
    const directory = mkdtempSync(join(tmpdir(), "pgha-socket-"));
    const socket = join(directory, "admin.sock");
    const asked: string[] = [];
    const server = createServer((connection) => {
      connection.on("data", (data) => {
        asked.push(data.toString());
        connection.write("Name: HAProxy\nVersion: 3\n");
        setTimeout(
          () =>
            connection.end(
              'description: "x: y"\n\n# ' +
                'pxname,svname,status,check_status,last_chk,type,\nb,BACKEND,UP,,,1,\nb,s,"UP 1/2",L4OK,"a ' +
                '""b"", c",2,\n\n',
            ),
          50,
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      const { answer } = await runHere(haproxyFact({ ...HAPROXY, socket }));
      assert.deepEqual(asked, ["show info;show stat;show servers state\n"]);
      assert.deepEqual(answer, {
        version: "3",
        closedFrontends: [],
        description: '"x: y"',
        servers: [{ backend: "b", server: "s", status: "UP 1/2", checkStatus: "L4OK", checkDescription: 'a "b", c' }],
      });
      assert.equal((await runHere(haproxyFact({ ...HAPROXY, socket: `${socket}.nonesuch` }))).answer, undefined);
    } finally {
      server.close();
      removeFolder(directory);
    }
  });
});

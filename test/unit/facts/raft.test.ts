import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { raftFact } from "../../../src/facts/raft.ts";
import { secret } from "../../../src/shell/command.ts";
import { answerOf, hung, missing, readTranscript, silent } from "./transcript.ts";

const question = {
  directory: "/data/raft",
  address: "10.77.2.120",
  port: 7000,
  password: secret("raft-secret"),
  patroniPort: 8008,
  always: false,
};
const { command, parse } = raftFact(question);

/** Both of the others, silent. */
const away = (lab: number, ...hosts: readonly number[]) =>
  hosts.map((host) => ({ address: `10.77.${lab}.${host}:7000`, connected: false }));

describe("the RAFT node", () => {
  it("of a healthy member is not asked, but its files and its PySyncObj are known", () => {
    assert.deepEqual(parse(answerOf(readTranscript("debian-13/replica"), "raft")), {
      journals: ["10.77.2.120:7000.dump", "10.77.2.120:7000.journal", "10.77.2.120:7000.journal.meta"],
      pysyncobjVersion: "0.3.14",
    });
    assert.equal(parse(answerOf(readTranscript("debian-12/replica"), "raft")).status, undefined);
  });

  it("is the pinned PySyncObj where the unit's environment says so", () => {
    assert.equal(parse(answerOf(readTranscript("debian-13/pinned"), "raft")).pysyncobjVersion, "0.3.17");
  });

  it("without its partners has no quorum, on both Debian releases", () => {
    const trixie = parse(answerOf(readTranscript("debian-13/no-quorum"), "raft")).status;
    assert.deepEqual(trixie, {
      hasQuorum: false,
      leader: "",
      version: "0.3.14",
      partners: away(2, 121, 122),
      term: 4,
      commitIndex: 1839,
    });
    const bookworm = parse(answerOf(readTranscript("debian-12/no-quorum"), "raft")).status;
    assert.deepEqual(bookworm, {
      hasQuorum: false,
      leader: "10.77.2.130:7000",
      version: "0.3.11",
      partners: away(2, 131, 132),
      term: 4,
      commitIndex: 978,
    });
  });

  it("of a member whose PostgreSQL does not start is asked, and has quorum", () => {
    const status = parse(answerOf(readTranscript("debian-13/start-failed"), "raft")).status;
    assert.deepEqual(
      [status?.hasQuorum, status?.partners.map(({ connected }) => connected), status?.version],
      [true, [true, true], "0.3.17"],
    );
  });

  it("leaves traces of an earlier life that are seen while it is stopped (F08)", () => {
    const { journals, status } = parse(answerOf(readTranscript("debian-13/stopped"), "raft"));
    assert.equal(journals.length, 3);
    assert.equal(status, undefined);
    assert.deepEqual(parse(answerOf(readTranscript("debian-12/fresh"), "raft")), { journals: [] });
  });

  it("tells what its Patroni was started with, where that is marked", () => {
    assert.equal(
      parse({ exitCode: 0, stdout: "start 0123456789abcdef\ninstalled VERSION = '0.3.17'\n" }).startDigest,
      "0123456789abcdef",
    );
    assert.equal(parse(answerOf(readTranscript("debian-13/pinned"), "raft")).startDigest, undefined);
  });

  it("that cannot be asked has no status: nothing is assumed", () => {
    for (const output of [hung, missing, silent]) {
      assert.deepEqual(parse(output), { journals: [] });
    }
    assert.deepEqual(parse({ exitCode: 0, stdout: "file a.journal\nstatus nonsense\n" }), { journals: ["a.journal"] });
  });

  it("gets the key that its password makes, as PySyncObj derives it, on standard input only", () => {
    // PBKDF2HMAC(SHA256, 32, pysyncobj.encryptor.SALT, 100000).derive(b"raft-secret"), in base64 for URLs.
    assert.equal(command.stdin, "9FPv099UTksMOMrIn9HmqiuWfMQyITA8z8y4P4mwSK0=");
    assert.ok(!command.script.includes("raft-secret") && !command.display.includes("raft-secret"));
  });
});

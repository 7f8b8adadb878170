import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { raftFact } from "../../../../src/facts/dcs/raft.ts";
import { secret } from "../../../../src/shell/command.ts";
import { answerOf, hung, missing, readTranscript, silent } from "../transcript.ts";
import { removeFolder } from "../../../temporary/remove-folder.ts";

const question = {
  directory: "/data/raft",
  address: "10.77.2.120",
  port: 7000,
  password: secret("raft-secret"),
  patroniPort: 8008,
  always: false,
  quietSeconds: 80,
};
const { command, parse } = raftFact(question);

/** Both of the others, silent. */
const away = (lab: number, ...hosts: readonly number[]) =>
  hosts.map((host) => ({ address: `10.77.${lab}.${host}:7000`, connected: false }));

describe("the RAFT node", () => {
  it("of a healthy member is not asked, but its files and its PySyncObj are known", () => {
    assert.deepEqual(parse(answerOf(readTranscript("debian-13/replica"), "raft")), {
      traces: ["10.77.2.120:7000.dump", "10.77.2.120:7000.journal", "10.77.2.120:7000.journal.meta"],
      versions: { pysyncobj: "0.3.14" },
    });
    assert.equal(parse(answerOf(readTranscript("debian-12/replica"), "raft")).status, undefined);
  });

  it("is the pinned PySyncObj where the unit's environment says so", () => {
    assert.equal(parse(answerOf(readTranscript("debian-13/pinned"), "raft")).versions?.["pysyncobj"], "0.3.17");
  });

  it("without its partners has no quorum, on both Debian releases", () => {
    const trixie = parse(answerOf(readTranscript("debian-13/no-quorum"), "raft")).status;
    assert.deepEqual(trixie, {
      hasQuorum: false,
      uptimeSeconds: 490,
      partners: away(2, 121, 122),
    });
    const bookworm = parse(answerOf(readTranscript("debian-12/no-quorum"), "raft")).status;
    assert.deepEqual(bookworm, {
      hasQuorum: false,
      uptimeSeconds: 216,
      partners: away(2, 131, 132),
    });
  });

  it("of a member whose PostgreSQL does not start is asked, and has quorum", () => {
    const status = parse(answerOf(readTranscript("debian-13/start-failed"), "raft")).status;
    assert.deepEqual([status?.hasQuorum, status?.partners.map(({ connected }) => connected)], [true, [true, true]]);
  });

  it("leaves traces of an earlier life that are seen while it is stopped (F08)", () => {
    const { traces, status } = parse(answerOf(readTranscript("debian-13/stopped"), "raft"));
    assert.equal(traces.length, 3);
    assert.equal(status, undefined);
    assert.deepEqual(parse(answerOf(readTranscript("debian-12/fresh"), "raft")), { traces: [] });
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
      assert.deepEqual(parse(output), { traces: [] });
    }
    assert.deepEqual(parse({ exitCode: 0, stdout: "file a.journal\nstatus nonsense\n" }), { traces: ["a.journal"] });
  });

  it(
    "is connected to whom its leader hears, since a follower shows who lost his power as connected for " + "minutes",
    () => {
      const node = (host: number): string => `10.77.2.${host}:7000`;
      const status = (self: number, leader: number, seen: Readonly<Record<number, number>>): string =>
        JSON.stringify({
          self: node(self),
          leader: node(leader),
          has_quorum: true,
          ...Object.fromEntries(
            Object.entries(seen).map(([host, state]) => [`partner_node_status_server_${node(Number(host))}`, state]),
          ),
        });
      const own = `status ${status(121, 122, { 120: 2, 122: 2 })}\n`;
      const connected = (stdout: string) =>
        parse({ exitCode: 0, stdout }).status?.partners.map((partner) => partner.connected);
      assert.deepEqual(connected(`${own}leader ${status(122, 122, { 120: 0, 121: 2 })}\n`), [false, true]);
      assert.deepEqual(connected(own), [true, true]);
      assert.deepEqual(connected(`${own}leader nonsense\n`), [true, true]);
    },
  );

  it("tells its PySyncObj whichever processes of its unit come and go meanwhile", () => {
    const root = mkdtempSync(join(tmpdir(), "pgha-raft-"));
    const group = join(root, "cgroup/system.slice/patroni.service");
    const library = join(root, "pysyncobj-0.3.17");
    const write = (path: string, text: string): void => {
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, text);
    };
    write(join(library, "pysyncobj/version.py"), "VERSION = '0.3.17'\n");
    write(join(group, "cgroup.procs"), "370\n371\n372\n850\n");
    write(join(root, "proc/370/comm"), "patroni\n");
    write(join(root, "proc/370/environ"), `A=b\0PYTHONPATH=${library}\0PGHA_START=0123456789abcdef\0`);
    // 371 is over by now. 372 is about to become another program, and its environment is no longer to be read.
    write(join(root, "proc/372/comm"), "patroni\n");
    write(join(root, "proc/850/comm"), "postgres\n");
    const script = command.script
      .replaceAll("/proc/", `${root}/proc/`)
      .replaceAll("/sys/fs/cgroup/", `${root}/cgroup/`);
    for (const pids of ["370\n371\n850\n", "370\n372\n850\n", "370\n371\n372\n"]) {
      writeFileSync(join(group, "cgroup.procs"), pids);
      const { stdout } = spawnSync("sh", ["-c", script], { input: command.stdin ?? "", encoding: "utf8" });
      const { versions, startDigest } = parse({ exitCode: 0, stdout });
      assert.deepEqual([versions?.["pysyncobj"], startDigest], ["0.3.17", "0123456789abcdef"], pids);
    }
    removeFolder(root);
  });

  it("of a replica that streams is asked where nobody wrote to its journal for long, and does not answer then", () => {
    const root = mkdtempSync(join(tmpdir(), "pgha-raft-"));
    const write = (path: string, text: string, mode = 0o644): void => {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), text, { mode });
    };
    write("cgroup/system.slice/patroni.service/cgroup.procs", "370\n");
    write("proc/370/comm", "patroni\n");
    write("proc/370/environ", "A=b\0");
    // Patroni says that all is well; whoever asks the node itself hears nothing.
    write(
      "bin/perl",
      `#!/bin/sh\necho '{"state": "running", "role": "replica", "replication_state": "streaming"}'\n`,
      0o755,
    );
    write("bin/python3", `#!/bin/sh\necho asked >>${root}/asked\nexit 1\n`, 0o755);
    const journal = "raft/10.77.2.120:7000.journal";
    write(journal, "");
    write(`${journal}.meta`, "");
    const script = `PATH=${root}/bin:$PATH\n${command.script}`
      .replaceAll("/proc/", `${root}/proc/`)
      .replaceAll("/sys/fs/cgroup/", `${root}/cgroup/`)
      .replaceAll(question.directory, `${root}/raft`);
    const ask = () =>
      parse({ exitCode: 0, stdout: spawnSync("sh", ["-c", script], { input: "", encoding: "utf8" }).stdout });
    const touched = (path: string, secondsAgo: number): void =>
      utimesSync(join(root, path), new Date(), new Date(Date.now() - secondsAgo * 1000));
    touched(journal, 500);
    assert.equal(ask().silent, undefined, "its meta file is new");
    touched(`${journal}.meta`, 100);
    assert.deepEqual([ask().silent, ask().status], [true, undefined]);
    touched(journal, 10);
    assert.equal(ask().silent, undefined, "its journal is");
    assert.equal(readFileSync(join(root, "asked"), "utf8"), "asked\nasked\n");
    write("bin/perl", `#!/bin/sh\necho '{"state": "starting", "role": "replica"}'\n`, 0o755);
    assert.equal(ask().silent, undefined, "who writes lives, and is slow to answer");
    touched(journal, 100);
    assert.equal(ask().silent, true);
    removeFolder(root);
  });

  it("gets the key that its password makes, as PySyncObj derives it, on standard input only", () => {
    // PBKDF2HMAC(SHA256, 32, pysyncobj.encryptor.SALT, 100000).derive(b"raft-secret"), in base64 for URLs.
    assert.equal(command.stdin, "9FPv099UTksMOMrIn9HmqiuWfMQyITA8z8y4P4mwSK0=");
    assert.ok(!command.script.includes("raft-secret") && !command.display.includes("raft-secret"));
  });
});

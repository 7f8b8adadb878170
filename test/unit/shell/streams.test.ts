import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createWriteStream, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, it } from "node:test";
import { script, sh, withFeed, withInput, withSink } from "../../../src/shell/command.ts";
import type { Sink } from "../../../src/shell/command.ts";
import { underStepLock } from "../../../src/shell/host-lock.ts";
import { connectSsh } from "../../../src/shell/ssh.ts";
import { startSshServer } from "../../ssh-server/ssh-server.ts";
import { hostKey, login, targetOn } from "../../ssh-server/target.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const MIB = 2 ** 20;

function* chunks(count: number): Generator<Buffer> {
  for (let number = 0; number < count; number += 1) yield Buffer.alloc(MIB, number % 251);
}

const feedOf = (count: number) => ({ bytes: count * MIB, open: () => Readable.from(chunks(count)) });

/** A shell on a server of its own; `cleanUps` end both. */
async function startShell(cleanUps: (() => Promise<void>)[]) {
  const server = await startSshServer({
    authorizedKey: login.publicKey,
    hostKeys: [hostKey.privateKey],
    onExec: "real",
  });
  const connected = connectSsh(targetOn(server, {}));
  cleanUps.push(() => connected.close());
  cleanUps.push(() => server.close());
  return connected;
}

describe("a large input", () => {
  const cleanUps: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });

  const shell = async () => startShell(cleanUps);

  it("arrives whole, bit by bit, and it is told how far it is", async () => {
    const digest = createHash("sha256");
    for (const chunk of chunks(24)) digest.update(chunk);
    const told: number[] = [];
    const command = withFeed(script([sh`set -- x`, sh`sha256sum`]), feedOf(24));
    const result = await (await shell()).run(command, { deadlineMs: 20_000, onFed: (bytes) => told.push(bytes) });
    assert.equal(result.exitCode, 0, result.stderr);
    assert.equal(result.stdout, `${digest.digest("hex")}  -\n`);
    assert.equal(told.at(-1), 24 * MIB);
    assert.ok(told.length >= 24);
    assert.match(command.display, /< \(25165824 bytes\)$/);
  });

  it("is not waited for when the command ends before it has read it", async () => {
    const opened = feedOf(200);
    const host = await shell();
    const result = await host.run(withFeed(sh`echo enough; exit 3`, opened), { deadlineMs: 20_000 });
    assert.deepEqual(result, { exitCode: 3, stdout: "enough\n", stderr: "" });
    assert.equal((await host.run(sh`echo more`, { deadlineMs: 5_000 })).stdout, "more\n", "the connection is kept");
  });

  it("that cannot be read to its end fails for that reason, and the command has no end of its own", async () => {
    const broken = { bytes: 9, open: () => Readable.from(failing()) };
    const host = await shell();
    await assert.rejects(host.run(withFeed(sh`cat >/dev/null; echo whole`, broken), { deadlineMs: 5_000 }), /the disk/);
    assert.equal((await host.run(sh`echo more`, { deadlineMs: 5_000 })).stdout, "more\n");
  });

  it("is opened when it is wanted, and goes through what wraps its command", async () => {
    let opened = 0;
    const feed = { bytes: MIB, open: () => ((opened += 1), Readable.from(chunks(1))) };
    const wrapped = sh`( ${withFeed(sh`wc -c`, feed)} )`;
    assert.equal(opened, 0);
    assert.equal(wrapped.feed, feed);
    assert.equal(underStepLock(wrapped).feed, feed);
    const result = await (await shell()).run(wrapped, { deadlineMs: 5_000 });
    assert.equal(result.stdout.trim(), String(MIB));
    assert.equal(opened, 1);
  });

  it("is the only input of a command", () => {
    assert.throws(() => withFeed(withInput(sh`cat`, "x"), feedOf(1)), /has input already/);
    assert.throws(() => withInput(withFeed(sh`cat`, feedOf(1)), "x"), /has input already/);
    assert.throws(() => script([withInput(sh`cat`, "x"), withFeed(sh`cat`, feedOf(1))]), /want standard input/);
  });
});

describe("a large output", () => {
  const folder = mkdtempSync(join(tmpdir(), "pgha-sink-"));
  const cleanUps: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
    removeFolder(folder);
  });

  function sinkAt(name: string, keep: () => Promise<void> = async () => undefined) {
    const said: string[] = [];
    const path = join(folder, name);
    const sink: Sink = {
      open: async () => createWriteStream(path),
      keep: async () => (await keep(), void said.push("kept")),
      drop: async () => void said.push("dropped"),
    };
    return { sink, said, path };
  }

  const shell = async () => startShell(cleanUps);

  it("goes where it is sent, whole, beyond what a result may hold, and what is said meanwhile is heard", async () => {
    const { sink, said, path } = sinkAt("whole");
    const heard: string[] = [];
    const command = withSink(sh`echo one >&2; echo two >&2; head -c 20000000 /dev/zero`, sink);
    const result = await (
      await shell()
    ).run(command, { deadlineMs: 20_000, onErrorLine: (line) => void heard.push(line) });
    assert.deepEqual(result, { exitCode: 0, stdout: "", stderr: "one\ntwo\n" });
    assert.equal(statSync(path).size, 20_000_000);
    assert.deepEqual([said, heard], [["kept"], ["one", "two"]]);
  });

  it("is dropped where the command fails, and fails the command where it is not what it should be", async () => {
    const host = await shell();
    const failed = sinkAt("failed");
    assert.equal((await host.run(withSink(sh`echo half; exit 4`, failed.sink), { deadlineMs: 5_000 })).exitCode, 4);
    assert.deepEqual(failed.said, ["dropped"]);
    const wrong = sinkAt("wrong", () => Promise.reject(new Error("no image in it")));
    await assert.rejects(host.run(withSink(sh`echo all`, wrong.sink), { deadlineMs: 5_000 }), /no image in it/);
    assert.deepEqual(wrong.said, ["dropped"]);
    const full = sinkAt("full");
    const sink = { ...full.sink, open: async () => createWriteStream("/dev/full") };
    await assert.rejects(host.run(withSink(sh`head -c 1000000 /dev/zero`, sink), { deadlineMs: 5_000 }), /ENOSPC/);
    assert.deepEqual(full.said, ["dropped"]);
    assert.equal((await host.run(sh`echo more`, { deadlineMs: 5_000 })).stdout, "more\n");
  });
});

async function* failing(): AsyncGenerator<Buffer> {
  yield Buffer.from("half");
  throw new Error("the disk is gone");
}

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { endianness, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { dataDirectoryFact } from "../../../src/facts/data-directory.ts";
import type { DataDirectoryFact } from "../../../src/facts/types.ts";
import { runHere } from "./run-here.ts";
import { answerOf, hung, readTranscript, silent } from "./transcript.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const { parse } = dataDirectoryFact({ path: "/data", version: 17 });
const base = mkdtempSync(join(tmpdir(), "pgha-pgdata-"));
after(() => removeFolder(base));

let count = 0;
async function classOf(entries: Readonly<Record<string, string>>): Promise<DataDirectoryFact> {
  const path = join(base, `d${(count += 1)}`);
  mkdirSync(path);
  for (const [name, content] of Object.entries(entries)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    if (content === "/") mkdirSync(join(path, name));
    else writeFileSync(join(path, name), content);
  }
  return (await runHere(dataDirectoryFact({ path, version: 17 }))).answer;
}

describe("PGDATA (F03)", () => {
  it("of a real member is valid, with what its control file says", () => {
    const { entries, ...rest } = parse(answerOf(readTranscript("debian-13/replica"), "data"));
    assert.deepEqual(rest, {
      class: "valid",
      majorVersion: 17,
      systemId: "7712044738105498160",
      timeline: 1,
      clusterState: "in archive recovery",
      atLeast: {
        max_connections: 200,
        max_locks_per_transaction: 64,
        max_prepared_transactions: 0,
        max_wal_senders: 10,
        max_worker_processes: 8,
      },
      end: { timeline: 1, bytes: 87_488_712 },
      checkpoint: { timeline: 1, bytes: 33_554_560 },
    });
    assert.ok(entries.includes("standby.signal") && entries.includes("pg_wal"));
    assert.equal(parse(answerOf(readTranscript("debian-13/stopped"), "data")).clusterState, "shut down");
  });

  it("of a member in containers says whose data it is, whatever Docker does", async () => {
    const path = join(base, "inside");
    mkdirSync(join(path, "global"), { recursive: true });
    writeFileSync(join(path, "PG_VERSION"), "16\n");
    const identifier = Buffer.alloc(8192);
    if (endianness() === "LE") identifier.writeBigUInt64LE(7_713_840_140_213_304_103n);
    else identifier.writeBigUInt64BE(7_713_840_140_213_304_103n);
    writeFileSync(join(path, "global/pg_control"), identifier);
    const fact = dataDirectoryFact({ path, version: 16, image: `sha256:${"a".repeat(64)}` });
    const alone = (await runHere(fact)).answer;
    assert.deepEqual([alone.class, alone.majorVersion, alone.systemId], ["valid", 16, "7713840140213304103"]);
    const folder = join(base, "docker");
    mkdirSync(folder);
    const said = "Database system identifier:           42\\nDatabase cluster state:               shut down\\n";
    writeFileSync(join(folder, "docker"), `#!/bin/sh\n[ "$1" != run ] || printf '${said}'\n`, { mode: 0o755 });
    const { answer } = await runHere(fact, { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` });
    assert.deepEqual([answer.systemId, answer.clusterState], ["42", "shut down"]);
  });

  it("says which process of PostgreSQL runs, by the file that it keeps", async () => {
    const pid = "4711\n/data\n1764416598\n5432\n/var/run/postgresql\n*\n 5432 1\nready   \n";
    const files = { PG_VERSION: "17\n", "global/pg_control": "x" };
    assert.equal((await classOf({ ...files, "postmaster.pid": pid })).postmaster, "4711 1764416598");
    assert.equal((await classOf({ ...files, "postmaster.pid": "" })).postmaster, undefined);
  });

  it("says where each timeline was left, of one that is no standby, and which copy it is", async () => {
    const files = {
      PG_VERSION: "17\n",
      "global/pg_control": "x",
      "pg_wal/00000002.history": "1\t0/3000098\tno recovery target specified\n",
      "pg_wal/0000000A.history": "1\t0/3000098\tno recovery target\n9\t1A/0\tno recovery target\n",
    };
    const [one, other] = [await classOf(files), await classOf({ ...files, "standby.signal": "" })];
    assert.deepEqual(one.history, [
      { timeline: 1, bytes: 0x3000098 },
      { timeline: 9, bytes: 0x1a * 2 ** 32 },
    ]);
    assert.equal(other.history, undefined);
    assert.notEqual(one.copy, other.copy);
  });

  it("says by which dynamic configuration Patroni there goes, where it wrote that down", async () => {
    const files = { PG_VERSION: "17\n", "global/pg_control": "x" };
    const taken = async (text: string) => (await classOf({ ...files, "patroni.dynamic.json": text })).taken;
    assert.deepEqual(await taken('{"ttl": 20, "postgresql": {"parameters": {"a\\\\b": "%s"}}}'), {
      ttl: 20,
      postgresql: { parameters: { "a\\b": "%s" } },
    });
    for (const text of ["", "{", "[1]", "null"]) assert.equal(await taken(text), undefined, text);
  });

  it("is absent or empty only when it is", async () => {
    assert.deepEqual((await runHere(dataDirectoryFact({ path: join(base, "nonesuch"), version: 17 }))).answer, {
      class: "absent",
      entries: [],
    });
    assert.deepEqual(await classOf({}), { class: "empty", entries: [] });
  });

  it("with hidden files, lost+found or stray configuration is noise", async () => {
    for (const entries of [
      { ".hidden": "" },
      { "..odd": "" },
      { "lost+found": "/" },
      { "postgresql.conf": "x", "pg_hba.conf": "y", "pg_ident.conf": "z" },
      { "new\nline": "" },
      { "*": "" },
    ]) {
      const fact = await classOf(entries);
      assert.deepEqual(fact, { class: "noise", entries: Object.keys(entries).toSorted() });
    }
  });

  it("with some of PostgreSQL's own files, but not all that matter, is partial", async () => {
    for (const entries of [
      { PG_VERSION: "17\n" },
      { pg_wal: "/" },
      { "base/1": "" },
      { PG_VERSION: "17\n", "global/pg_control": "" },
      { PG_VERSION: "", "global/pg_control": "x" },
      { "global/pg_control": "x" },
    ]) {
      assert.equal((await classOf(entries)).class, "partial", JSON.stringify(entries));
    }
  });

  it("is valid even when pg_controldata is missing or cannot read it, then without a system id", async () => {
    const { copy, ...rest } = await classOf({ PG_VERSION: "9999\n", "global/pg_control": "x" });
    assert.match(copy ?? "", /^\d+\.\d+\.\d+$/);
    assert.deepEqual(rest, {
      class: "valid",
      entries: ["PG_VERSION", "global"],
      majorVersion: 9999,
    });
  });

  it("as a file or a dangling link is in the way, not absent", async () => {
    writeFileSync(join(base, "file"), "");
    symlinkSync(join(base, "nowhere"), join(base, "link"));
    for (const name of ["file", "link"]) {
      assert.equal((await runHere(dataDirectoryFact({ path: join(base, name), version: 17 }))).answer.class, "noise");
    }
  });

  it("with very many files is cut short in the telling, not in the judging", async () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`a${index}`, ""]));
    const fact = await classOf({ ...many, PG_VERSION: "17\n", "global/pg_control": "x" });
    assert.deepEqual([fact.class, fact.entries.length], ["valid", 100]);
    assert.equal((await classOf({ ...many, pg_wal: "/" })).class, "partial");
  });

  it("is never called absent because the disk hangs", () => {
    assert.throws(() => parse(hung));
    assert.throws(() => parse(silent));
  });
});

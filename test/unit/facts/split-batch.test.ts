import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fact } from "../../../src/facts/fact.ts";
import { splitBatch } from "../../../src/facts/split-batch.ts";
import { sh } from "../../../src/shell/command.ts";

const NONCE = "4bd2e6de";

/** What a host prints whose clock is so much ahead of ours. */
function printed(free: string, name: string, aheadMs = 0): string {
  const at = `\n${NONCE} at ${1_000 + aheadMs}\n`;
  const answer = (number: number, text: string): string =>
    `\n${NONCE} in ${number}\n${text}\n${NONCE} out ${number} 0\n`;
  return `${at}${answer(0, free)}${answer(1, name)}${at}`;
}

function asker() {
  const read: string[] = [];
  const free: Fact<{ readonly mebibytes: number; readonly offsetMs: number | undefined }> = {
    command: sh`df /`,
    parse({ stdout, clock }) {
      read.push("free");
      return { mebibytes: Math.floor(Number(stdout) / 1024), offsetMs: clock?.offsetMs };
    },
    readsClock: true,
  };
  const name: Fact<{ readonly name: string }> = {
    command: sh`uname -n`,
    parse({ stdout, clock }) {
      read.push("name");
      assert.equal(clock, undefined, "one that does not say so is not told the time");
      return { name: stdout };
    },
  };
  const set = { free, name };
  return { read, ask: (stdout: string) => splitBatch(stdout, set, NONCE, { startMs: 990, endMs: 1_010 }) };
}

test("what was answered in the same words is the same object, and not read again", () => {
  const { ask, read } = asker();
  const first = ask(printed("2048", "db-1"));
  assert.deepEqual(first, { free: { mebibytes: 2, offsetMs: 0 }, name: { name: "db-1" } });
  assert.equal(ask(printed("2048", "db-1")), first);
  assert.deepEqual(read, ["free", "name"]);
});

test("what means the same in other words is the same object, too", () => {
  const { ask, read } = asker();
  const first = ask(printed("2048", "db-1"));
  assert.equal(ask(printed("2049", "db-1")), first);
  assert.deepEqual(read, ["free", "name", "free"]);
});

test("one answer that means something else makes all of them another object, with the others as they were", () => {
  const { ask } = asker();
  const first = ask(printed("2048", "db-1"));
  const then = ask(printed("4096", "db-1"));
  assert.notEqual(then, first);
  assert.deepEqual(then.free, { mebibytes: 4, offsetMs: 0 });
  assert.equal(then.name, first.name);
  assert.deepEqual(ask(printed("2048", "db-2")).name, { name: "db-2" });
});

test("a clock that went wrong is seen by the same answer", () => {
  const { ask } = asker();
  const first = ask(printed("2048", "db-1"));
  assert.equal(ask(printed("2048", "db-1", 9)), first, "no further off than the look took");
  assert.equal(ask(printed("2048", "db-1", 60_000)).free.offsetMs, 59_990);
});

test("an answer that was cut off is not the one before", () => {
  const { ask } = asker();
  ask(printed("2048", "db-1"));
  const cut = printed("2048", "db-1");
  assert.deepEqual(ask(cut.slice(0, cut.lastIndexOf("out 1"))).name, { name: "" });
});

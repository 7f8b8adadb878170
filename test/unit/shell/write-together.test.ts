import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { writeTogether } from "../../../src/shell/write-together.ts";

function recording(): { readonly stream: Duplex; readonly sent: string[][] } {
  const sent: string[][] = [];
  const stream = new Duplex({
    read: () => {},
    writev: (chunks, done) => {
      sent.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  return { stream: writeTogether(stream), sent };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what is written within one turn is sent in one piece, and nothing waits for a next one", async () => {
  const { stream, sent } = recording();
  stream.write("a");
  stream.write("b");
  await turn();
  stream.write("c");
  await turn();
  assert.deepEqual(sent, [["a", "b"], ["c"]]);
});

test("what was written is sent before the stream ends", async () => {
  const { stream, sent } = recording();
  stream.write("a");
  stream.end("b");
  await turn();
  assert.deepEqual(sent.flat(), ["a", "b"]);
  assert.ok(stream.writableFinished);
});

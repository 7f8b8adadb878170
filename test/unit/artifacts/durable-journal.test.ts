import assert from "node:assert/strict";
import { test } from "node:test";
import { ArtifactError } from "../../../src/artifacts/index.ts";
import { makeDurable } from "../../../src/artifacts/durable-journal.ts";

const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });

test("files that write nothing are left as they are", () => {
  const files = [file("pysyncobj/node.py", "import os\n")];
  assert.deepEqual(makeDurable(files), files);
});

test("a file that replaces another waits for the disk, and says who changed it", () => {
  const [changed] = makeDurable([file("pysyncobj/atomic_replace.py", "else:\n    atomicReplace = os.rename\n")]);
  assert.match(changed?.content.toString() ?? "", /^# Changed by pgha[^]*os\.fsync\(descriptor\)/);
});

test("another version's file is refused, not pushed with half of the changes", () => {
  const refused = (error: unknown): boolean =>
    error instanceof ArtifactError && /atomic_replace\.py is not as pgha knows it/.test(error.message);
  assert.throws(() => makeDurable([file("pysyncobj/atomic_replace.py", "atomicReplace = os.replace\n")]), refused);
  assert.throws(
    () => makeDurable([file("pysyncobj/atomic_replace.py", "    atomicReplace = os.rename\n".repeat(2))]),
    refused,
  );
});

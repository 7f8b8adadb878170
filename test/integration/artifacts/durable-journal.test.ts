import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cacheFolder } from "../../../src/artifacts/index.ts";
import { pysyncobjArtifact } from "../../../src/artifacts/pysyncobj.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

/** The package as hosts get it, unpacked. */
const folder = mkdtempSync(join(tmpdir(), "pgha-journal-"));
before(async () => {
  const { tarGz } = await pysyncobjArtifact({ cacheFolder: cacheFolder() });
  execFileSync("tar", ["-xzf", "-", "-C", folder], { input: tarGz });
});
after(() => removeFolder(folder));

/** Runs a program that has the package, and its journal module with every write and every wait for the disk told. */
function python(program: string): readonly string[] {
  const told = `
import os
from pysyncobj import journal, atomic_replace
real = journal.ResizableFile
class Told(real):
    def write(self, offset, values):
        print("header" if offset == journal.LAST_RECORD_OFFSET_OFFSET else "entry")
        real.write(self, offset, values)
    def flush(self):
        print("flush")
        real.flush(self)
journal.ResizableFile = Told
fsync, rename = os.fsync, os.rename
def told_fsync(fd):
    print("fsync " + os.path.basename(os.readlink("/proc/self/fd/%d" % fd)))
    fsync(fd)
def told_rename(old, new):
    print("rename " + os.path.basename(new))
    rename(old, new)
os.fsync, os.rename = told_fsync, told_rename
os.makedirs("raft", exist_ok=True)
${program}`;
  return execFileSync("python3", ["-B", "-s", "-"], {
    input: told,
    cwd: folder,
    env: { PYTHONPATH: folder },
    encoding: "utf8",
  })
    .trim()
    .split("\n");
}

test("an entry is on disk before the header counts it, and the header before anybody is told", () => {
  assert.deepEqual(python("journal.createJournal('raft/one.journal').add(b'x' * 5000, 1, 1)"), [
    "entry",
    "flush",
    "header",
    "flush",
  ]);
});

test("term and vote are on disk, under their name, when they are set", () => {
  assert.deepEqual(python("journal.createJournal('raft/two.journal').setCurrentTerm(7, 'node')"), [
    "fsync two.journal.meta.tmp",
    "rename two.journal.meta",
    "fsync raft",
  ]);
});

test("a dump replaces the one before only once it is on disk", () => {
  assert.deepEqual(
    python("open('raft/dump.tmp', 'w').close(); atomic_replace.atomicReplace('raft/dump.tmp', 'raft/dump')"),
    ["fsync dump.tmp", "rename dump", "fsync raft"],
  );
});

test("what was written is read again, entries cut off are gone", () => {
  const lines = python(`
one = journal.createJournal('raft/three.journal')
for index in range(1, 40):
    one.add(b'entry %d' % index, index, 1)
one.deleteEntriesFrom(30)
one.deleteEntriesTo(10)
one.setCurrentTerm(3, 'me')
del one
again = journal.createJournal('raft/three.journal')
print([len(again), again[0], again[len(again) - 1], again.getCurrentTerm(), again.getVotedForNodeId()])`);
  assert.equal(lines.at(-1), "[20, (b'entry 11', 11, 1), (b'entry 30', 30, 1), 3, 'me']");
});

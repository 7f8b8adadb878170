import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { packPysyncobj } from "../../../src/artifacts/pysyncobj.ts";
import { storedGzip } from "../../../src/artifacts/stored-gzip.ts";
import { readTar, writeTar } from "../../../src/artifacts/tar.ts";
import { sha256, treeDigestCommand } from "../../../src/artifacts/tree-digest.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const bytes = (size: number) => fc.uint8Array({ maxLength: size }).map((array) => Buffer.from(array));
const sdist = gzipSync(
  writeTar([
    { path: "pysyncobj-0.3.17/setup.py", content: Buffer.from("raise SystemExit('never run')") },
    { path: "pysyncobj-0.3.17/LICENSE.txt", content: Buffer.from("MIT\n") },
    { path: "pysyncobj-0.3.17/pysyncobj/version.py", content: Buffer.from("VERSION = '0.3.17'\n") },
    { path: "pysyncobj-0.3.17/pysyncobj/__init__.py", content: Buffer.from("") },
    { path: "pysyncobj-0.3.17/pysyncobj/native.so", content: Buffer.from("\u007fELF") },
    { path: "pysyncobj/evil.py", content: Buffer.from("") },
  ]),
);

void test("what the tar writer writes, the tar reader and tar(1) read", () => {
  const paths = fc.uniqueArray(fc.stringMatching(/^[a-c]{1,3}(\/[a-c]{1,3}){0,2}\.py$/), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(paths, bytes(1200), (names, content) => {
      const files = names.map((path) => ({ path, content })).toSorted((a, b) => (a.path < b.path ? -1 : 1));
      assert.deepEqual(readTar(writeTar(files)), files);
    }),
  );
  const listing = execFileSync("tar", ["-tvf", "-"], {
    input: writeTar([{ path: "a/b.py", content: Buffer.from("x") }]),
    env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
  }).toString();
  assert.match(
    listing,
    /^drwxr-xr-x root\/root\s+0 1970-01-01 00:00 a\/\n-rw-r--r-- root\/root\s+1 1970-01-01 00:00 a\/b\.py\n$/,
  );
});

void test("an archive that is cut short is refused", () => {
  const whole = writeTar([{ path: "a.py", content: Buffer.alloc(5000) }]);
  assert.throws(() => readTar(whole.subarray(0, 3000)), RangeError);
});

void test("a stored gzip file unpacks to what went in, at every block boundary", () => {
  for (const size of [0, 1, 65534, 65535, 65536, 131070, 131071, 200000]) {
    const content = Buffer.alloc(size, "pgha");
    assert.ok(gunzipSync(storedGzip(content)).equals(content), String(size));
  }
});

void test("only the pure Python package and its licence are taken out of the source distribution", () => {
  const { tarGz, version } = packPysyncobj(sdist);
  assert.equal(version, "0.3.17");
  assert.deepEqual(
    readTar(gunzipSync(tarGz)).map(({ path }) => path),
    ["pysyncobj/LICENSE.txt", "pysyncobj/__init__.py", "pysyncobj/version.py"],
  );
});

void test("the archive is the same wherever and whenever it is made: its digest is the stamp on hosts", () => {
  const { tarGz, sha256: digest } = packPysyncobj(sdist);
  assert.equal(digest, sha256(tarGz));
  assert.equal(digest, packPysyncobj(gzipSync(gunzipSync(sdist), { level: 1 })).sha256);
  assert.equal(digest, "64c58849008d68e3a22e51e3a9c5e6019b94fc309e242048ec7b0f82cfa0ea9f");
});

void test("a host computes the same tree digest, whatever Python compiled there", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "pgha tree-"));
  t.after(() => removeFolder(folder));
  const { tarGz, treeSha256 } = packPysyncobj(sdist);
  execFileSync("tar", ["-xzf", "-", "-C", folder], { input: tarGz });
  const onHost = () =>
    execFileSync("sh", ["-c", treeDigestCommand(folder, "pysyncobj").script])
      .toString()
      .trim();
  execFileSync("sh", ["-c", 'mkdir "$0/pysyncobj/__pycache__" && touch "$0/pysyncobj/__pycache__/x.pyc"', folder]);
  assert.equal(onHost(), treeSha256);
  execFileSync("sh", ["-c", 'echo "# touched" >> "$0/pysyncobj/version.py"', folder]);
  assert.notEqual(onHost(), treeSha256);
});

import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ArtifactError, cacheFolder, PYSYNCOBJ } from "../../../src/artifacts/index.ts";
import { pysyncobjArtifact } from "../../../src/artifacts/pysyncobj.ts";
import { pipDownload } from "../../../src/artifacts/pip-download.ts";
import { sha256 } from "../../../src/artifacts/tree-digest.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

let folder = "";
let cache = "";
const path = process.env["PATH"] ?? "";

/** A program that stands in for another on the path, with the real path inside. */
async function fake(name: string, body: string): Promise<void> {
  const file = join(folder, "bin", name);
  await writeFile(file, `#!/bin/sh\nPATH=${path}\n${body}\n`);
  await chmod(file, 0o755);
}

/** Does what pip does once it has the file: stores it in the folder after --dest. */
const stores = (content: string) =>
  `while [ "$1" != --dest ]; do shift; done; mkdir -p "$2"; printf %s '${content}' > ` +
  `"$2/${PYSYNCOBJ.name}-${PYSYNCOBJ.version}.tar.gz"`;
const wayOut = "name the file";

describe("PySyncObj's sdist", () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pgha-artifact-"));
    cache = join(folder, "cache");
    process.env["PATH"] = join(folder, "bin");
    await mkdir(join(folder, "bin"));
  });
  afterEach(async () => {
    process.env["PATH"] = path;
    removeFolder(folder);
  });

  it("pip is asked for one pinned file and runs nothing of the package", async () => {
    await fake(
      "python3",
      `printf '%s\\n' "$@" > ${folder}/args; for last; do :; done; cat "$last" > ${folder}/requirements; ls ` +
        `"$PYTHONPATH/setuptools" > ${folder}/build; ${stores("sdist")}`,
    );
    const got = await pipDownload(PYSYNCOBJ, wayOut);
    assert.equal(got.toString(), "sdist");
    const args = (await readFile(join(folder, "args"), "utf8")).split("\n");
    assert.deepEqual(args.slice(0, 3), ["-m", "pip", "download"]);
    for (const option of ["--no-deps", "--no-build-isolation", "--require-hashes", "--no-input"]) {
      assert.ok(args.includes(option), option);
    }
    assert.equal(
      await readFile(join(folder, "requirements"), "utf8"),
      `pysyncobj==0.3.17 --hash=sha256:${PYSYNCOBJ.sha256}\n`,
    );
    assert.equal(await readFile(join(folder, "build"), "utf8"), "__init__.py\nbuild_meta.py\n");
    assert.deepEqual(
      (await readdir(tmpdir())).filter((name) => name.startsWith("pgha-pip-")),
      [],
    );
  });

  it("without pip the message says how to get it, and what to do without", async () => {
    await fake("python3", 'echo "/usr/bin/python3: No module named pip" >&2; exit 1');
    await assert.rejects(pysyncobjArtifact({ cacheFolder: cache }), (error) => {
      assert.ok(error instanceof ArtifactError);
      assert.match(error.message, /there is no pip here/);
      assert.match(error.wayOut ?? "", /python3-pip.*pysyncobjFile/);
      return true;
    });
  });

  it("another pip is tried where Python has none", async () => {
    await fake("pip3", stores("sdist"));
    assert.equal((await pipDownload(PYSYNCOBJ, wayOut)).toString(), "sdist");
  });

  it("pip's own complaint is passed on, without the password of an index", async () => {
    await fake(
      "python3",
      'echo "WARNING: Retrying" >&2; echo "ERROR: No matching distribution at ' +
        'https://me:hunter22@index/simple" >&2; echo "[notice] x" >&2; exit 1',
    );
    await assert.rejects(pipDownload(PYSYNCOBJ, wayOut), (error) => {
      assert.ok(error instanceof ArtifactError);
      assert.match(error.message, /ERROR: No matching distribution at https:\/\/\*\*\*@index/);
      assert.equal(error.retry, "backoff");
      return true;
    });
  });

  it("a file that is not the pinned one is refused, from wherever it comes", async () => {
    await fake("python3", stores("tampered"));
    await assert.rejects(
      pysyncobjArtifact({ cacheFolder: cache }),
      new RegExp(`what pip downloaded is not .* its sha256 is ${sha256("tampered")}`),
    );
    await assert.rejects(readdir(cache), { code: "ENOENT" });
    const file = join(folder, "mine.tar.gz");
    await writeFile(file, "mine");
    await assert.rejects(
      pysyncobjArtifact({ file, cacheFolder: cache }),
      /mine\.tar\.gz is not pysyncobj-0\.3\.17\.tar\.gz as PyPI has it/,
    );
    await assert.rejects(
      pysyncobjArtifact({ file: join(folder, "none"), cacheFolder: cache }),
      /none cannot be read \(ENOENT\)/,
    );
  });

  it("a damaged file in the cache is fetched again, not used", async () => {
    await mkdir(cache);
    await writeFile(join(cache, "pysyncobj-0.3.17.tar.gz"), "damaged");
    await fake("python3", `touch ${folder}/asked; exit 1`);
    await assert.rejects(pysyncobjArtifact({ cacheFolder: cache }), ArtifactError);
    assert.ok((await readdir(folder)).includes("asked"));
  });

  it("the cache is where XDG says", () => {
    assert.equal(cacheFolder({ XDG_CACHE_HOME: "/var/cache/me" }), "/var/cache/me/pgha");
    assert.match(cacheFolder({ XDG_CACHE_HOME: "relative" }), /\/\.cache\/pgha$/);
    assert.match(cacheFolder({}), /\/\.cache\/pgha$/);
  });
});

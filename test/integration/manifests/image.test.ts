import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { PYSYNCOBJ } from "../../../src/artifacts/index.ts";
import { sha256 } from "../../../src/artifacts/tree-digest.ts";
import { imageStart } from "./dockerfile.ts";
import { REPOSITORY } from "./rendered.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const run = promisify(execFile);
let folder: string;
let root: string;
let said: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "pgha-image-"));
  root = join(folder, "root");
  said = (await run(join(await buildContext(), "scripts/image-rootfs"), [root], { timeout: 300_000 })).stdout;
  await addBaseLibraries();
});
after(() => removeFolder(folder));

/** A copy of what .dockerignore lets through, with the dependencies that the Dockerfile installs into it. */
async function buildContext(): Promise<string> {
  const context = join(folder, "context");
  await mkdir(context);
  const allowed = (await readFile(`${REPOSITORY}.dockerignore`, "utf8"))
    .split("\n")
    .flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
  for (const path of allowed) await cp(join(REPOSITORY, path), join(context, path), { recursive: true });
  await symlink(join(REPOSITORY, "node_modules"), join(context, "node_modules"));
  return context;
}

/** What the base image has of what Node needs: the C and C++ libraries, at the same places. */
async function addBaseLibraries(): Promise<void> {
  const { stdout } = await run("ldd", [join(root, "opt/pgha/bin/node")]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  const names = libraries.map((path) => path.split("/").at(-1)?.split(".so")[0]);
  assert.deepEqual(
    names.filter((name) => !/^(ld-linux.*|lib(c|m|dl|pthread|stdc\+\+|gcc_s))$/.test(name ?? "")),
    [],
    "the base image has nothing else",
  );
  for (const path of libraries) await cp(path, join(root, path), { dereference: true });
}

/** As the image runs it: its files are all there is, no user may write to them, and there is no home. */
async function inImage(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { entrypoint, environment } = await imageStart();
  const command = ["--userspec=65532:65532", root, ...entrypoint, ...args];
  try {
    return { code: 0, ...(await run("/usr/sbin/chroot", command, { env: environment, timeout: 60_000 })) };
  } catch (error) {
    return error as { readonly code: number; readonly stdout: string; readonly stderr: string };
  }
}

test("the image's program starts with nothing but the image's files, as nobody", async () => {
  const { code, stdout, stderr } = await inImage("version");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^pgha 0\.1\.0\b/);
});

test("the operator in the image gets as far as looking for an API server", async () => {
  const { code, stderr } = await inImage("operator", "--kubeconfig", "/nowhere");
  assert.equal(code, 1, stderr);
  assert.match(stderr, /the kubeconfig cannot be used/);
});

test("PySyncObj is where the image says, and what it should be", async () => {
  const { environment } = await imageStart();
  assert.equal(sha256(await readFile(join(root, environment["PGHA_PYSYNCOBJ_FILE"] ?? ""))), PYSYNCOBJ.sha256);
});

test("the image has no dev dependencies, no shell, no sources, and is small", async () => {
  const { stdout } = await run("find", [join(root, "opt/pgha"), "-type", "f", "-printf", "%P\n"]);
  const strange = stdout
    .trim()
    .split("\n")
    .filter(
      (path) =>
        !/^(LICENSE|bin\/(node|start\.cjs)|share\/pysyncobj-[\d.]+\.tar\.gz|dist\/(pgha|part-\w+)\.mjs(\.LEGAL\.txt)?)$/.test(
          path,
        ),
    );
  assert.deepEqual(strange, []);
  const [, compressed = "1000"] = /^(\d+)\tcompressed/m.exec(said) ?? [];
  assert.ok(Number(compressed) <= 60, said);
});

test("nobody but root may write in the image", async () => {
  const { stdout } = await run("find", [join(root, "opt"), "-perm", "/022"]);
  assert.equal(stdout, "");
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { emptyFolder } from "../unit/cli/manifest-folder.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

function run(
  launcher: string,
  words: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): readonly [code: number | null, stdout: string, stderr: string] {
  const { status, stdout, stderr } = spawnSync(launcher, words, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...variables },
  });
  return [status, stdout, stderr];
}

/** An installation whose programs only say which of them ran, and with what. */
function installation(
  context: TestContext,
  has: { readonly source: boolean; readonly bundle: boolean; readonly node: boolean },
): string {
  const folder = emptyFolder(context);
  cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  const says = (name: string): string => `console.log(${JSON.stringify(name)}, ...process.argv.slice(2));\n`;
  for (const [name, wanted, file] of [
    ["source", has.source, "src/main.ts"],
    ["bundle", has.bundle, "dist/pgha.mjs"],
  ] as const) {
    if (wanted) {
      mkdirSync(join(folder, file, ".."), { recursive: true });
      writeFileSync(join(folder, file), says(name));
    }
  }
  if (has.node) {
    mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
    symlinkSync(process.execPath, join(folder, "node_modules/.bin/node"));
  }
  return folder;
}

const touch = (path: string, secondsAgo: number): void =>
  utimesSync(path, Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo);

test("the bundle runs while it is as new as the sources, and the sources once one is newer", (context) => {
  const folder = installation(context, { source: true, bundle: true, node: true });
  touch(join(folder, "package.json"), 100);
  touch(join(folder, "src/main.ts"), 100);
  assert.deepEqual(run(join(folder, "bin/pgha"), ["a b", "$(c)"]), [0, "bundle a b $(c)\n", ""]);
  touch(join(folder, "dist/pgha.mjs"), 200);
  assert.deepEqual(run(join(folder, "bin/pgha"), []), [0, "source\n", ""]);
});

test("a release has no sources, a fresh clone no bundle, and both run; through a link, too", (context) => {
  assert.deepEqual(run(join(installation(context, { source: false, bundle: true, node: true }), "bin/pgha"), []), [
    0,
    "bundle\n",
    "",
  ]);
  const clone = installation(context, { source: true, bundle: false, node: true });
  symlinkSync(join(clone, "bin/pgha"), join(clone, "link"));
  assert.deepEqual(run(join(clone, "link"), ["x"]), [0, "source x\n", ""]);
});

test("without any node, or with one that is too old, it says what to do", (context) => {
  const folder = installation(context, { source: true, bundle: false, node: false });
  const tools = join(folder, "tools");
  mkdirSync(tools);
  for (const tool of ["sh", "dirname", "readlink", "find"]) {
    const path = ["/bin", "/usr/bin"].map((bin) => join(bin, tool)).find((candidate) => existsSync(candidate));
    symlinkSync(path ?? tool, join(tools, tool));
  }
  const none = run(join(folder, "bin/pgha"), [], { PATH: tools });
  assert.equal(none[0], 1);
  assert.match(
    none[2],
    /^pgha: needs Node 24 or newer, and there is no node here: see https:\/\/nodejs\.org\/, or run 'make deps' in .*\n$/,
  );

  writeFileSync(
    join(folder, "old.cjs"),
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } });',
  );
  const old = run(join(folder, "bin/pgha"), [], {
    PATH: `${join(process.execPath, "..")}:${tools}`,
    NODE_OPTIONS: `--require ${join(folder, "old.cjs")}`,
  });
  assert.equal(old[0], 1);
  assert.match(old[2], /^pgha: needs Node 24 or newer; .* is v\d.*\. Run 'make deps'/);
});

test("compiled code is kept in a folder of the user's own", (context) => {
  const folder = installation(context, { source: true, bundle: false, node: true });
  run(join(folder, "bin/pgha"), [], { XDG_CACHE_HOME: join(folder, "cache") });
  assert.ok(existsSync(join(folder, "cache/pgha/compiled")));
});

test("the real program starts, knows its version, and minds a reader that went away", () => {
  const pgha = join(ROOT, "bin/pgha");
  assert.match(run(pgha, ["version"])[1], /^pgha \d/);
  const { stdout, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${pgha} completion zsh | true; echo $?`], {
    encoding: "utf8",
  });
  assert.match(stdout, /^(0|141)\n$/);
  assert.equal(stderr, "");
});

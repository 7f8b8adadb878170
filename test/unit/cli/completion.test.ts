import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pgha } from "./fake-environment.ts";
import { emptyFolder } from "./manifest-folder.ts";

const script = async (shell: string): Promise<string> => (await pgha(["completion", shell])).stdout;

/** What bash offers after these words, the last of them being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const program = `${await script("bash")}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pgha; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", program, "bash", "pgha", ...words], { encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.trim().split(/\s+/);
}

test("bash completes commands, their options, and what an option takes", async () => {
  assert.deepEqual(await offered(""), [
    "import",
    "validate",
    "plan",
    "apply",
    "status",
    "restart",
    "switchover",
    "approve",
    "forget",
    "delete",
    "operator",
    "version",
    "completion",
    "help",
  ]);
  assert.deepEqual(await offered("st"), ["status"]);
  assert.deepEqual(await offered("apply", "--t"), ["--timings"]);
  assert.deepEqual(await offered("apply", "-f", "x.yaml", "--no-c"), ["--no-color"]);
  assert.deepEqual(await offered("plan", "-o", ""), ["text", "json"]);
  assert.deepEqual(await offered("status", "--output", "y"), ["yaml"]);
  assert.deepEqual(await offered("--log", "j"), ["json"]);
  assert.deepEqual(await offered("completion", "z"), ["zsh"]);
  assert.deepEqual(await offered("help", "va"), ["validate"]);
});

test("after an option that takes a file bash is left to offer files", async () => {
  assert.deepEqual(await offered("plan", "-f", ""), [""]);
  assert.match(await script("bash"), /^complete -o default -F _pgha pgha$/m);
});

// zsh and fish, which not every machine has, check theirs on a lab host: test/journeys/shell.test.ts.
test("bash finds no fault with its script", async (context) => {
  const file = join(emptyFolder(context), "script");
  writeFileSync(file, await script("bash"));
  const { status, stderr } = spawnSync("bash", ["-n", file], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
});

test("zsh and fish know each command with what it is for, and options with what they take", async () => {
  const zsh = await script("zsh");
  assert.match(zsh, /'plan:show what apply would change, and why'/);
  assert.match(
    zsh,
    / plan\) _arguments .*'\*-f\[manifest, .*\]:file:_files' .*'\*--output\[.*\]:output:\(text json\)'/,
  );
  const fish = await script("fish");
  assert.match(
    fish,
    /^complete -c pgha -n '__fish_use_subcommand' -f -a plan -d 'show what apply would change, and why'$/m,
  );
  assert.match(
    fish,
    /^complete -c pgha -n '__fish_seen_subcommand_from plan' -s o -l output -r -f -a 'text json' -d 'for people or for programs'$/m,
  );
  assert.match(fish, /^complete -c pgha -n '__fish_seen_subcommand_from plan' -s f -l file -r -F -d /m);
});

test("a shell that is not known is refused", async () => {
  const { code, stderr } = await pgha(["completion", "csh"]);
  assert.equal(code, 1);
  assert.match(stderr, /Allowed choices are bash, zsh, fish\./);
});

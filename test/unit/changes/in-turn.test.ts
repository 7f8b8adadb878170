import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inTurn } from "../../../src/changes/in-turn.ts";
import { sh, withInput, withStdin } from "../../../src/shell/command.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";
import { runHere } from "./run-here.ts";

test("commands in turn have their own input each, which stands in no script, and the first that fails ends them", async (context) => {
  const root = mkdtempSync(join(tmpdir(), "pgha-turn-"));
  context.after(() => removeFolder(root));
  const path = (name: string): string => join(root, name);
  const command = inTurn(sh`true`, [
    withStdin(sh`cat >${path("one")}`, "a secret\nof two lines\n"),
    sh`cat >${path("none")}`,
    withInput(sh`cat >${path("two")}; exit 3`, "open"),
    sh`echo >${path("never")}`,
  ]);
  assert.ok(!command.script.includes("a secret") && !command.display.includes("a secret"));
  const { exitCode } = await runHere(command, root);
  assert.equal(exitCode, 3);
  assert.deepEqual(
    ["one", "none", "two"].map((name) => readFileSync(path(name), "utf8")),
    ["a secret\nof two lines\n", "", "open"],
  );
  assert.ok(!existsSync(path("never")));
});

test("the first of them may end all of it", async (context) => {
  const root = mkdtempSync(join(tmpdir(), "pgha-turn-"));
  context.after(() => removeFolder(root));
  const { exitCode } = await runHere(inTurn(sh`exit 0`, [sh`echo >${join(root, "never")}`]), root);
  assert.equal(exitCode, 0);
  assert.ok(!existsSync(join(root, "never")));
});

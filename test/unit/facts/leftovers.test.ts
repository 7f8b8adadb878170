import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { OWN_FILE } from "../../../src/changes/own-file.ts";
import { leftoversFact } from "../../../src/facts/leftovers.ts";
import { runHere } from "./run-here.ts";
import { hung } from "./transcript.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const root = mkdtempSync(join(tmpdir(), "pgha-leftovers-"));
after(() => removeFolder(root));
const at = (name: string): string => join(root, name);

test("only files that begin as pgha's do count, and only what is there", async () => {
  writeFileSync(at("own"), "; Written by pgha, which\n");
  writeFileSync(at("foreign"), "[Unit]\n# Written by pgha\n");
  symlinkSync(at("own"), at("link"));
  mkdirSync(at("tree"));
  mkdirSync(at("with space"));
  const { answer } = await runHere(
    leftoversFact({
      files: [at("own"), at("foreign"), at("link"), at("none")],
      mark: OWN_FILE,
      trees: [at("tree"), at("gone")],
      directories: [at("with space"), at("gone")],
    }),
  );
  assert.deepEqual(answer, { files: [at("own")], trees: [at("tree")], directories: [at("with space")] });
});

test("an answer that was cut short is none", () => {
  const fact = leftoversFact({ files: [], mark: OWN_FILE, trees: [], directories: [] });
  assert.throws(() => fact.parse(hung));
  assert.throws(() => fact.parse({ exitCode: 0, stdout: "file /etc/x\n" }));
});

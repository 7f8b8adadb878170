import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { installedFact, installedInFact } from "../../../src/facts/installed.ts";
import { runHere } from "./run-here.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

describe("what is installed", () => {
  it("is asked of the host itself: files by the shell, locales by glibc", async () => {
    const here = import.meta.filename;
    const { answer } = await runHere(
      installedFact({ paths: [here, "/nowhere/a b'$(x).so"], locales: ["C.UTF-8", "xx_YY.UTF-8", "POSIX"] }),
    );
    assert.deepEqual(answer.absent, ["/nowhere/a b'$(x).so"]);
    assert.deepEqual(answer.charsets, { "C.UTF-8": "UTF-8", POSIX: "ANSI_X3.4-1968" });
    assert.ok(answer.locales.includes("POSIX") && !answer.locales.some((name) => name.includes("xx")));
  });

  it("costs no process for files, and nothing where nothing is asked", async () => {
    assert.doesNotMatch(installedFact({ paths: ["/x"], locales: [] }).command.script, /locale/);
    assert.equal(installedFact({ paths: [], locales: [] }).command.script, "true");
    const { answer } = await runHere(installedFact({ paths: ["/"], locales: ["C"] }));
    assert.deepEqual([answer.absent, answer.locales], [[], []]);
  });
});

describe("what is in an image", () => {
  const question = { paths: ["/", "/nowhere/a", "/data/key", "/data/cert"], locales: ["C"], volume: "/data" };

  for (const [how, docker, isKnown] of [
    ["answers", '[ "$1" = run ] || exit 0; while [ "$1" != -c ]; do shift; done; sh -c "$2"', true],
    ["is not there yet", "exit 1", false],
    ["did not come to an end", '[ "$1" = run ] || exit 0; echo absent /nowhere/a', false],
  ] as const)
    it(`is ${isKnown ? "asked once, and" : "not"} known where it ${how}`, async (context) => {
      const folder = mkdtempSync(join(tmpdir(), "pgha-installed-"));
      context.after(() => removeFolder(folder));
      writeFileSync(join(folder, "docker"), `#!/bin/sh\n${docker}\n`);
      chmodSync(join(folder, "docker"), 0o755);
      const fact = installedInFact(`sha256:${"a".repeat(64)}`, question);
      const script = fact.command.script.replaceAll("/run/pgha/images", join(folder, "images"));
      const ask = async (path: string) =>
        (await runHere({ ...fact, command: { script, display: "" } }, { ...process.env, PATH: path })).answer;
      const path = process.env["PATH"] ?? "";
      const answer = await ask(`${folder}:${path}`);
      if (!isKnown) assert.equal(answer, undefined);
      else {
        assert.deepEqual(answer?.absent, ["/nowhere/a", "/data/key", "/data/cert"]);
        assert.equal(readdirSync(join(folder, "images")).filter((name) => /has-[0-9a-f]+$/.test(name)).length, 1);
        assert.deepEqual(await ask(path), answer, "without Docker");
      }
    });
});

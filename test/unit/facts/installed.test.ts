import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { installedFact } from "../../../src/facts/installed.ts";
import { runHere } from "./run-here.ts";

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

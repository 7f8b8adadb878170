import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { artifactFact } from "../../../src/facts/artifact.ts";
import { runHere } from "./run-here.ts";
import { answerOf, hung, readTranscript } from "./transcript.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const digest = "8aaef68141714d556173778a51bcc4e221b6fd4c971dc1240f3ab4c0d2dfe765";

describe("an artifact", () => {
  it("is known by the stamp that unpacking left, on real hosts", () => {
    const { parse } = artifactFact("/opt/pgha/pysyncobj-0.3.17");
    assert.equal(parse(answerOf(readTranscript("debian-13/pinned"), "artifact")), digest);
    assert.equal(parse(answerOf(readTranscript("debian-13/replica"), "artifact")), undefined);
    assert.equal(parse(hung), undefined);
  });

  it("with a stamp that is no digest is not there", async () => {
    const directory = mkdtempSync(join(tmpdir(), "pgha-artifact-"));
    try {
      for (const [stamp, expected] of [
        [`${digest}\n`, digest],
        [`${digest}extra\n`, undefined],
        ["", undefined],
        [`${digest.toUpperCase()}\n`, undefined],
      ] as const) {
        writeFileSync(join(directory, ".sha256"), stamp);
        assert.equal((await runHere(artifactFact(directory))).answer, expected);
      }
    } finally {
      removeFolder(directory);
    }
  });
});

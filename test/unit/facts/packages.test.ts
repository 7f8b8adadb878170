import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { packagesFact } from "../../../src/facts/packages.ts";
import { databaseHostQuestions } from "../../fixtures/facts/questions.ts";
import { answerOf, hung, missing, readTranscript } from "./transcript.ts";

describe("packages", () => {
  it("have the versions a real Debian 13 tells, and unknown ones none", () => {
    const transcript = readTranscript("debian-13/replica");
    const packages = databaseHostQuestions(transcript.host).packages.parse(answerOf(transcript, "packages"));
    assert.deepEqual(packages, {
      "postgresql-17": "17.12-0+deb13u1",
      "postgresql-17-pgvector": "0.8.0-1",
      patroni: "4.0.7-3~deb13u1",
      "python3-pysyncobj": "0.3.14-2",
      nonesuch: undefined,
    });
  });

  it("count as installed only when unpacked and configured: not removed, half-way or merely known", () => {
    const stdout = ["ii \ta\t1", "hi \tb\t2", "rc \tc\t3", "iU \td\t4", "iF \te\t5", "un \tf\t", "iHR\tg\t7", ""].join(
      "\n",
    );
    const { parse } = packagesFact(["a", "b", "c", "d", "e", "f", "g"]);
    assert.deepEqual(parse({ exitCode: 0, stdout }), {
      a: "1",
      b: "2",
      c: undefined,
      d: undefined,
      e: undefined,
      f: undefined,
      g: undefined,
    });
  });

  it("are not called missing when dpkg-query is missing, fails or hangs", () => {
    for (const output of [missing, hung, { exitCode: 2, stdout: "" }]) {
      assert.throws(() => packagesFact(["a"]).parse(output));
    }
  });
});

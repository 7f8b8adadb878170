import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { reachFact } from "../../../src/facts/reach.ts";
import { databaseHostQuestions } from "../../fixtures/facts/questions.ts";
import { runHere } from "./run-here.ts";
import { answerOf, hung, missing, readTranscript } from "./transcript.ts";

describe("reaching peers", () => {
  it("tells open, refused and filtered apart on real hosts", () => {
    const results = (name: string): readonly string[] => {
      const transcript = readTranscript(name);
      return databaseHostQuestions(transcript.host)
        .reach.parse(answerOf(transcript, "reach"))
        .map(({ result }) => result);
    };
    assert.deepEqual(results("debian-13/stopped"), ["open", "open", "refused", "refused", "refused", "refused"]);
    assert.deepEqual(results("debian-12/fresh"), [
      "refused",
      "refused",
      "filtered",
      "filtered",
      "filtered",
      "filtered",
    ]);
    assert.deepEqual(results("debian-13/replica"), [], "Patroni runs there");
  });

  it("dials for real, both families, all at once", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    // 192.0.2.0/24 is for documentation; a name under .invalid never resolves.
    const targets = [
      { address: "127.0.0.1", port },
      { address: "127.0.0.1", port: 1 },
      { address: "::1", port: 1 },
      { address: "name.invalid", port: 1 },
    ];
    try {
      const { answer } = await runHere(reachFact({ targets }));
      assert.deepEqual(
        answer.map(({ result }) => result),
        ["open", "refused", "refused", "filtered"],
      );
    } finally {
      server.close();
    }
  });

  it("counts as filtered what was not told, because Perl hung or is missing", () => {
    const { parse } = reachFact({ targets: [{ address: "10.0.0.1", port: 7000 }] });
    for (const output of [hung, missing]) {
      assert.deepEqual(parse(output), [{ address: "10.0.0.1", port: 7000, result: "filtered" }]);
    }
  });
});

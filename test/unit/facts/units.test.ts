import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unitsFact } from "../../../src/facts/units.ts";
import { databaseHostQuestions } from "../../fixtures/facts/questions.ts";
import { answerOf, hung, missing, readTranscript } from "./transcript.ts";

describe("units", () => {
  it("running, masked and unknown ones are told apart on a real host", () => {
    const transcript = readTranscript("debian-13/replica");
    const units = databaseHostQuestions(transcript.host).units.parse(answerOf(transcript, "units"));
    assert.deepEqual(units["patroni.service"], {
      loadState: "loaded",
      activeState: "active",
      subState: "running",
      unitFileState: "enabled",
      mainPid: 3155,
      needsDaemonReload: false,
      restarts: 0,
    });
    assert.equal(units["postgresql.service"]?.unitFileState, "masked");
    assert.equal(units["nonesuch.service"]?.loadState, "not-found");
  });

  it("that flap and wait for a daemon-reload are seen as such", () => {
    const stdout =
      "MainPID=0\nNRestarts=7\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\nUnitFileState=enabled\nNeedDaemonReload=yes\n";
    const unit = unitsFact(["patroni.service"]).parse({ exitCode: 0, stdout })["patroni.service"];
    assert.deepEqual([unit?.restarts, unit?.needsDaemonReload, unit?.subState], [7, true, "auto-restart"]);
  });

  it("are not made up when systemctl is missing, hangs, or leaves one out", () => {
    const { parse } = unitsFact(["a.service", "b.service"]);
    assert.throws(() => parse(missing), /no systemctl/);
    assert.throws(() => parse(hung));
    assert.throws(() => parse({ exitCode: 0, stdout: "LoadState=loaded\n" }));
  });
});

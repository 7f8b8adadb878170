import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unitsFact } from "../../../../src/facts/systemd/units.ts";
import { databaseHostQuestions } from "../../../fixtures/facts/questions.ts";
import { answerOf, hung, missing, readTranscript } from "../transcript.ts";

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
      dropIns: [],
      environment: [],
    });
    assert.equal(units["postgresql.service"]?.unitFileState, "masked");
    assert.equal(units["nonesuch.service"]?.loadState, "not-found");
  });

  it("that flap and wait for a daemon-reload are seen as such", () => {
    const stdout =
      "MainPID=0\nNRestarts=7\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\nUnitFileStat" +
      "e=enabled\nNeedDaemonReload=yes\n";
    const unit = unitsFact([{ name: "patroni.service" }]).parse({ exitCode: 0, stdout })["patroni.service"];
    assert.deepEqual([unit?.restarts, unit?.needsDaemonReload, unit?.subState], [7, true, "auto-restart"]);
  });

  it("show what their process was started from, and whether its program was replaced since", () => {
    const block = (pid: number): string =>
      `MainPID=${pid}\nLoadState=loaded\nDropInPaths=/etc/a.conf /etc/b.conf\nLimitNOFILE=65536\n`;
    const stdout =
      `${block(7)}\n${block(8)}\n${block(0)}\n\nstarted 7 00ff\nruns 7 /usr/sbin/a\nfiles 8 ` +
      `20000\nfiles 77 5\nstarted 77 0000\n`;
    const units = unitsFact([
      { name: "a.service", program: "/usr/sbin/a" },
      { name: "b.service", program: "/usr/sbin/b" },
      { name: "c.service", program: "/usr/sbin/c" },
    ]).parse({ exitCode: 0, stdout });
    assert.deepEqual(
      Object.values(units).map(({ startedMark, isReplaced }) => [startedMark, isReplaced]),
      [
        ["00ff", false],
        [undefined, true],
        [undefined, undefined],
      ],
    );
    assert.deepEqual(units["a.service"]?.dropIns, ["/etc/a.conf", "/etc/b.conf"]);
    assert.equal(units["a.service"]?.fileLimit, 65_536);
    assert.deepEqual(
      Object.values(units).map(({ filesAllowed }) => filesAllowed),
      [undefined, 20_000, undefined],
    );
  });

  it("are not made up when systemctl is missing, hangs, or leaves one out", () => {
    const { parse } = unitsFact([{ name: "a.service" }, { name: "b.service" }]);
    assert.throws(() => parse(missing), /no systemctl/);
    assert.throws(() => parse(hung));
    assert.throws(() => parse({ exitCode: 0, stdout: "LoadState=loaded\n" }));
  });
});

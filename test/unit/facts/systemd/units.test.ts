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

  it("that run a container are looked at by its first process, for as long as they run", () => {
    const block = (pid: number): string => `MainPID=${pid}\nLoadState=loaded\n`;
    const stdout =
      `${block(7)}\n${block(0)}\n\ninside a.service 70 999 998 sha256:0f\ninside b.service 80 1 1 sha256:0f\n` +
      "started 7 00aa\nstarted 70 00ff\nfiles 70 1024\nstarted 80 0000\n";
    const units = unitsFact([{ name: "a.service", program: "/usr/sbin/a" }, { name: "b.service" }]).parse({
      exitCode: 0,
      stdout,
    });
    assert.deepEqual(
      Object.values(units).map(({ mainPid, startedMark, filesAllowed, image, isReplaced }) => ({
        mainPid,
        startedMark,
        filesAllowed,
        image,
        isReplaced,
      })),
      [
        { mainPid: 70, startedMark: "00ff", filesAllowed: 1024, image: "sha256:0f", isReplaced: undefined },
        { mainPid: 0, startedMark: undefined, filesAllowed: undefined, image: undefined, isReplaced: undefined },
      ],
    );
  });

  it("tell what is noted of the process that runs now, the last of it, and that something was noted of another", () => {
    const block = (pid: number, invocation: string): string =>
      `MainPID=${pid}\nInvocationID=${invocation}\nLoadState=loaded\n`;
    const noted = [
      "a.service i1 from 00aa  /etc/systemd/system/a.service",
      "a.service i1 read 7:1.5 /etc/a file",
      "a.service i1 read 9:2.5 /etc/a file",
      "a.service i0 read 1:1.5 /etc/b",
      "b.service i1 from 00bb  /etc/systemd/system/b.service",
      "nonsense",
    ];
    const stdout = `${block(7, "i1")}\n${block(8, "i2")}\n${block(0, "")}\n\n${noted.map((line) => `noted ${line}\n`).join("")}`;
    const units = unitsFact(["a", "b", "c"].map((name) => ({ name: `${name}.service` }))).parse({
      exitCode: 0,
      stdout,
    });
    assert.deepEqual(
      Object.values(units).map(({ startedFrom, read }) => ({ startedFrom, read })),
      [
        { startedFrom: { "/etc/systemd/system/a.service": "00aa" }, read: { "/etc/a file": "9:2.5" } },
        { startedFrom: {}, read: {} },
        { startedFrom: undefined, read: undefined },
      ],
    );
  });

  it("are not made up when systemctl is missing, hangs, or leaves one out", () => {
    const { parse } = unitsFact([{ name: "a.service" }, { name: "b.service" }]);
    assert.throws(() => parse(missing), /no systemctl/);
    assert.throws(() => parse(hung));
    assert.throws(() => parse({ exitCode: 0, stdout: "LoadState=loaded\n" }));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemFact } from "../../../src/facts/system.ts";
import { answerOf, hung, readTranscript, silent } from "./transcript.ts";

const { parse } = systemFact();

describe("what a host is", () => {
  it("is read from a real Debian 13", () => {
    const system = parse({
      ...answerOf(readTranscript("debian-13/replica"), "system"),
      clock: { offsetMs: 12 },
    });
    assert.deepEqual(system, {
      osId: "debian",
      osVersionId: "13",
      codename: "trixie",
      architecture: "x86_64",
      machineId: "ab7c8823d17a4ea08059ad5e1172cf4e",
      hostname: "db-1",
      isRoot: true,
      memoryMiB: 24105,
      swapMiB: 0,
      hugePagesMiB: 0,
      cpus: 2,
      rootFreeMiB: 19719,
      rootSizeMiB: 20416,
      clockOffsetMs: 12,
    });
  });

  it(
    "is read from Ubuntu's quoted os-release, a machine with holes in its CPU list, and a user who is " + "not root",
    () => {
      const stdout = [
        'VERSION_ID="24.04"',
        "VERSION_CODENAME=noble",
        "ID=ubuntu",
        "MemTotal:        4025352 kB",
        "SwapTotal:       2097148 kB",
        "HugePages_Total:      64",
        "Hugepagesize:       2048 kB",
        "Uid:\t1000\t1000\t1000\t1000",
        "pgha_machine 5be4",
        "pgha_cpus 0-3,8,10-11",
        "pgha_uname vm-7 aarch64",
        "Filesystem     1024-blocks     Used Available Capacity Mounted on",
        "/dev/root         30298176 12345678  17000000      43% /",
        "",
      ].join("\n");
      const { osId, osVersionId, isRoot, swapMiB, hugePagesMiB, cpus, rootFreeMiB, architecture } = parse({
        exitCode: 0,
        stdout,
      });
      assert.deepEqual(
        [osId, osVersionId, isRoot, swapMiB, hugePagesMiB, cpus, rootFreeMiB, architecture],
        ["ubuntu", "24.04", false, 2047, 128, 7, 16601, "aarch64"],
      );
    },
  );

  it("is never guessed from nothing", () => {
    assert.throws(() => parse(silent));
    assert.throws(() => parse(hung));
  });
});

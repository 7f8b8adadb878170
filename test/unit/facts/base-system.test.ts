import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { baseSystemFact } from "../../../src/facts/base-system.ts";
import { runHere } from "./run-here.ts";

const { parse } = baseSystemFact({
  sysctl: ["vm/swappiness", "vm/gone"],
  timezone: "UTC",
  noSwap: false,
  hugePages: false,
});

describe("the base of a host", () => {
  it("is read from this machine, as its kernel has it", async () => {
    const sysctl = ["kernel/ostype", "net/ipv4/tcp_rmem", "vm/there_is_none", "vm/overcommit_memory"];
    const { answer } = await runHere(
      baseSystemFact({ sysctl, timezone: "Mars/Olympus", noSwap: true, hugePages: true }),
    );
    assert.deepEqual(Object.keys(answer.sysctl), sysctl);
    const type = answer.sysctl["kernel/ostype"];
    assert.equal(type?.kind === "value" ? type.value : "", "Linux");
    const memory = (await readFile("/proc/sys/net/ipv4/tcp_rmem", "utf8")).trim().split(/\s+/);
    const found = answer.sysctl["net/ipv4/tcp_rmem"];
    assert.equal(found?.kind === "value" ? found.value : "", memory.join(" "));
    assert.deepEqual(answer.sysctl["vm/there_is_none"], { kind: "absent" });
    const isStrict = (await readFile("/proc/sys/vm/overcommit_memory", "utf8")).trim() === "2";
    assert.equal(answer.committedMiB === undefined, isStrict);
    assert.equal(answer.hasTimezone, false);
  });

  it("tells what may be changed from what may only be looked at, and from what says nothing", () => {
    const stdout =
      "ro vm/swappiness\nrw net/ipv4/tcp_rmem\nrw net/ipv4/route/flush\nvm/swappiness:60\n" +
      "net/ipv4/tcp_rmem:4096\t131072\t6291456\nCommitted_AS:     2097152 kB\nzone ../usr/share/zoneinfo/Etc/UTC\nhas zone\n" +
      "kernel runs 6.12.9-1-amd64\nkernel has 6.12.10-1-amd64\nkernel reboot asked\nkernel is below\n" +
      "swap fstab UUID=1\nswap commented\nswap active 1024 /swap file\nroom 4194304\ntried 140\n";
    const paths = ["vm/swappiness", "net/ipv4/tcp_rmem", "net/ipv4/route/flush"];
    assert.deepEqual(
      baseSystemFact({ sysctl: paths, timezone: "UTC", noSwap: false, hugePages: false }).parse({
        exitCode: 0,
        stdout,
      }),
      {
        sysctl: {
          "vm/swappiness": { kind: "value", value: "60", writable: false },
          "net/ipv4/tcp_rmem": { kind: "value", value: "4096 131072 6291456", writable: true },
          "net/ipv4/route/flush": { kind: "unreadable" },
        },
        timezone: "Etc/UTC",
        hasTimezone: true,
        committedMiB: 2048,
        kernels: {
          running: "6.12.9-1-amd64",
          installed: ["6.12.10-1-amd64"],
          isAsked: true,
          isContainer: true,
        },
        swap: {
          active: [{ path: "/swap file", usedMiB: 1 }],
          inFstab: ["UUID=1"],
          commented: 1,
        },
        availableMiB: 4096,
        hugePagesTried: 140,
      },
    );
  });

  it("is the word in brackets where the kernel shows all that it might be", () => {
    const path = "/sys/kernel/mm/transparent_hugepage/enabled";
    const stdout = `rw ${path}\n${path}:always [madvise] never\nzone\u0020\n`;
    const { sysctl } = baseSystemFact({ sysctl: [path], timezone: undefined, noSwap: false, hugePages: false }).parse({
      exitCode: 0,
      stdout,
    });
    assert.deepEqual(sysctl[path], { kind: "value", value: "madvise", writable: true });
  });

  it("is no time zone where /etc/localtime is no link, and what is not told is not there", () => {
    const { timezone, sysctl } = parse({ exitCode: 1, stdout: "zone \n" });
    assert.equal(timezone, "");
    assert.deepEqual(sysctl["vm/gone"], { kind: "absent" });
  });

  it("is not known from a host that hangs or says nothing", () => {
    assert.throws(() => parse({ exitCode: 124, stdout: "zone UTC\n" }), /did not say/);
    assert.throws(() => parse({ exitCode: 0, stdout: "" }), /did not say/);
  });
});

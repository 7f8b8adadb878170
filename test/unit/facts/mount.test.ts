import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { mountFact } from "../../../src/facts/mount.ts";
import { answerOf, hung, missing, readTranscript } from "./transcript.ts";

const { parse } = mountFact("/data");

function findmnt(...rows: readonly Readonly<Record<string, unknown>>[]): string {
  return `${JSON.stringify({ filesystems: rows }, null, 3)}\n`;
}

describe("a mount", () => {
  it("is read from a real XFS volume", () => {
    const mount = parse(answerOf(readTranscript("debian-13/replica"), "mount"));
    assert.deepEqual(mount, {
      mounted: true,
      filesystem: "xfs",
      source: "/dev/vdb",
      uuid: "dacd9b1f-b840-4d22-93f6-af04add8f608",
      sizeMiB: 4032,
      freeMiB: 3851,
    });
  });

  it("is told from a mere directory and from nothing at all (F16)", () => {
    assert.deepEqual(parse(answerOf(readTranscript("debian-13/proxy"), "mount")), {
      mounted: false,
      pathExists: false,
    });
    assert.deepEqual(parse({ exitCode: 0, stdout: "path exists\n" }), { mounted: false, pathExists: true });
  });

  it("has the UUID that blkid or the filesystem gave when udev had none", () => {
    const row = { fstype: "ext4", source: "/dev/sdb", uuid: null, size: 1073741824, avail: "536870912" };
    const mount = parse({ exitCode: 0, stdout: `${findmnt(row)}uuid 0e5a\n` });
    assert.deepEqual(mount, {
      mounted: true,
      filesystem: "ext4",
      source: "/dev/sdb",
      uuid: "0e5a",
      sizeMiB: 1024,
      freeMiB: 512,
    });
    const none = parse({ exitCode: 0, stdout: `${findmnt({ ...row, fstype: "tmpfs" })}uuid \n` });
    assert.equal(none.mounted && none.uuid, "");
  });

  it("is the topmost when mounts lie on top of each other", () => {
    const mount = parse({
      exitCode: 0,
      stdout: findmnt({ fstype: "xfs", source: "/dev/a", uuid: "1" }, { fstype: "tmpfs", source: "tmpfs", uuid: "2" }),
    });
    assert.equal(mount.mounted && mount.source, "tmpfs");
  });

  it("is not made up when findmnt is missing or the filesystem hangs", () => {
    assert.throws(() => parse(missing));
    assert.throws(() => parse(hung), /does not answer/);
  });

  it("is asked for by a script that works here, whatever the path is called", () => {
    const look = (path: string) => {
      const fact = mountFact(path);
      return fact.parse({
        exitCode: 0,
        stdout: execFileSync("/bin/sh", ["-c", fact.command.script], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        }),
      });
    };
    const proc = look("/proc");
    assert.equal(proc.mounted && proc.filesystem, "proc");
    assert.deepEqual(look("/tmp/$(id) 'none\"such"), { mounted: false, pathExists: false });
    assert.deepEqual(look("/etc/ssl"), { mounted: false, pathExists: true });
  });
});

describe("a volume that is to be mounted", () => {
  const volume = { by: "uuid", name: "0e5a" } as const;
  const { parse: parseBoth, command } = mountFact("/data", volume);

  it("is looked for while nothing is mounted, with what would be in its way", () => {
    const stdout =
      "path exists\nvolume fstab LABEL=data\nvolume enabled\nvolume entries 2\nvolume device /dev/vdb\n" +
      "volume is UUID=0e5a\nvolume is USAGE=filesystem\nvolume is TYPE=xfs\nvolume at /mnt/old\n" +
      "volume device /dev/vdc\nvolume is UUID=0e5b\nvolume is USAGE=crypto\nvolume is TYPE=crypto_LUKS\n";
    assert.deepEqual(parseBoth({ exitCode: 0, stdout }), {
      mounted: false,
      pathExists: true,
      volume: {
        fstab: "LABEL=data",
        isEnabled: true,
        isLink: false,
        entries: 2,
        devices: [
          { path: "/dev/vdb", uuid: "0e5a", filesystem: "xfs", mountedAt: ["/mnt/old"] },
          { path: "/dev/vdc", uuid: "0e5b", filesystem: "", mountedAt: [] },
        ],
      },
    });
  });

  it("is not looked for once something is mounted", () => {
    const row = { fstype: "xfs", source: "/dev/vdb", uuid: "0e5a", label: "pg", size: 1073741824, avail: 536870912 };
    const mount = parseBoth({ exitCode: 0, stdout: `${findmnt(row)}volume enabled\n` });
    assert.deepEqual(mount.mounted && [mount.label, mount.volume?.isEnabled, mount.volume?.devices], ["pg", true, []]);
  });

  it("is asked for by a script that works here", () => {
    const stdout = execFileSync("/bin/sh", ["-c", command.script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    assert.deepEqual(parseBoth({ exitCode: 0, stdout }).volume?.devices, []);
  });
});

import { ENGINE } from "../../desired/services.ts";
import { sh } from "../../shell/command.ts";
import type { Fact, FactOutput } from "../fact.ts";
import { asBoolean, asRecord, asString, asStrings, defined, parseJson } from "../narrow.ts";

/** Docker as it says of itself, from GET /info; `answers` false: nobody does at its socket, and what systemd says. */
export type EngineFact =
  | {
      readonly answers: false;
      readonly why: "absent" | "refused" | "silent" | "nonsense";
      /** `not-found` where it was never installed. */
      readonly loadState: string;
      readonly activeState: string;
    }
  | {
      readonly answers: true;
      readonly version: string;
      /** As Go has it: amd64, arm64. */
      readonly architecture: string;
      /** Storage driver: overlay2, btrfs, vfs ... */
      readonly driver: string;
      /** Images are kept by containerd, where they have other ids. */
      readonly containerdStore: boolean;
      /** Where it keeps them. */
      readonly root: string;
      /** Free there; undefined where df would not say. */
      readonly freeMiB?: number;
      /** Containers go on while the daemon is down. */
      readonly liveRestore: boolean;
      /** "none" where it has no control groups. */
      readonly cgroupDriver: string;
      /** Such as rootless, userns. */
      readonly security: readonly string[];
    };

/**
 * Asks the daemon at its socket (https://docs.docker.com/reference/api/engine/), by perl: the docker program takes ten
 * times as long to say less.
 */
export function engineFact(socket: string = ENGINE.socket): Fact<EngineFact> {
  return {
    command: sh`s=$(perl -e ${PROGRAM} -- ${socket}); printf '%s\n' "$s"
case $s in info*) ;; *) systemctl show --property=LoadState,ActiveState -- ${ENGINE.unit} ;; esac`,
    parse,
  };
}

/** The numbers are Linux's own: AF_UNIX, SOCK_STREAM. HTTP/1.0, so that the answer is not chunked. */
const PROGRAM = String.raw`
$| = 1;
my ($path) = @ARGV;
$SIG{ALRM} = sub { print "silent\n"; exit };
alarm 5;
socket(my $socket, 1, 1, 0) or exit;
connect($socket, pack("S a108", 1, $path)) or do { print $! == 2 ? "absent\n" : "refused\n"; exit };
syswrite($socket, "GET /info HTTP/1.0\r\nHost: docker\r\n\r\n");
my $got = "";
while (sysread($socket, $got, 65536, length $got)) { last if length $got > 2_000_000 }
alarm 0;
my ($body) = $got =~ m{^HTTP/1\.[01] 200 .*?\r\n\r\n(.*)}s or exit;
$body =~ tr/\r\n/  /;
print "info $body\n";
my ($root) = $body =~ m{"DockerRootDir":"([^"\\]+)"} or exit;
exec "df", "-P", "-k", "--", $root;
`;

function parse({ stdout }: FactOutput): EngineFact {
  const why = /^(absent|refused|silent)$/m.exec(stdout)?.[1];
  const info = asRecord(parseJson(/^info (.*)$/m.exec(stdout)?.[1] ?? ""));
  if (info === undefined) {
    return {
      answers: false,
      why: why === "absent" || why === "refused" || why === "silent" ? why : "nonsense",
      loadState: /^LoadState=(.*)$/m.exec(stdout)?.[1] ?? "not-found",
      activeState: /^ActiveState=(.*)$/m.exec(stdout)?.[1] ?? "inactive",
    };
  }
  const status = Array.isArray(info["DriverStatus"]) ? info["DriverStatus"].map(asStrings) : [];
  const free = /^\S.*\s([0-9]+)\s+[0-9]+%\s/m.exec(stdout)?.[1];
  return defined({
    answers: true as const,
    version: asString(info["ServerVersion"]) ?? "",
    architecture: GO_NAMES[asString(info["Architecture"]) ?? ""] ?? asString(info["Architecture"]) ?? "",
    driver: asString(info["Driver"]) ?? "",
    containerdStore: status.some(([key, value]) => key === "driver-type" && (value ?? "").includes("containerd")),
    root: asString(info["DockerRootDir"]) ?? "",
    freeMiB: free === undefined ? undefined : Math.floor(Number(free) / 1024),
    liveRestore: asBoolean(info["LiveRestoreEnabled"]) ?? false,
    cgroupDriver: asString(info["CgroupDriver"]) ?? "none",
    security: asStrings(info["SecurityOptions"]).map((option) => /name=([^,]+)/.exec(option)?.[1] ?? option),
  });
}

/** uname's words for machines, in Go's. */
const GO_NAMES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  ppc64le: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
};

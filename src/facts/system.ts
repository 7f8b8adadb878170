import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import type { SystemFact } from "./types.ts";

/**
 * What the machine is, from os-release(5), machine-id(5), proc(5), uname and df; few programs, as each costs a fork.
 */
export function systemFact(): Fact<SystemFact> {
  return { command, parse, readsClock: true };
}

const command = sh`
grep -h -E '^(ID|VERSION_ID|VERSION_CODENAME)=|^(MemTotal|SwapTotal|HugePages_Total|Hugepagesize|Uid):' \
  /etc/os-release /proc/meminfo /proc/self/status
IFS= read -r m </etc/machine-id; printf 'pgha_machine %s\n' "$m"
IFS= read -r c </sys/devices/system/cpu/online; printf 'pgha_cpus %s\n' "$c"
printf 'pgha_uname '; uname -nm
df -P -k /`;

function parse({ exitCode, stdout, clock }: FactOutput): SystemFact {
  const found = (pattern: RegExp): string => pattern.exec(stdout)?.[1] ?? "";
  const memoryKiB = Number(found(/^MemTotal:\s+([0-9]+) kB$/m));
  if (exitCode === 124 || memoryKiB === 0) {
    throw new Error("the host did not say what machine it is");
  }
  const [hostname = "", architecture = ""] = found(/^pgha_uname (.*)$/m).split(" ");
  return {
    osId: unquoted(found(/^ID=(.*)$/m)),
    osVersionId: unquoted(found(/^VERSION_ID=(.*)$/m)),
    codename: unquoted(found(/^VERSION_CODENAME=(.*)$/m)),
    architecture,
    machineId: found(/^pgha_machine ([0-9a-f]+)$/m),
    hostname,
    isRoot: found(/^Uid:\s+[0-9]+\s+([0-9]+)\s/m) === "0",
    memoryMiB: Math.floor(memoryKiB / 1024),
    swapMiB: Math.floor(Number(found(/^SwapTotal:\s+([0-9]+) kB$/m)) / 1024),
    hugePagesMiB: Math.floor(
      (Number(found(/^HugePages_Total:\s+([0-9]+)$/m)) * Number(found(/^Hugepagesize:\s+([0-9]+) kB$/m))) / 1024,
    ),
    ...(found(HUGE_PAGE) === "" ? {} : { hugePageKiB: Number(found(HUGE_PAGE)) }),
    cpus: countOf(found(/^pgha_cpus ([0-9,-]+)$/m)),
    ...rootOf(stdout),
    clockOffsetMs: clock?.offsetMs ?? 0,
  };
}

const HUGE_PAGE = /^Hugepagesize:\s+([0-9]+) kB$/m;

/** Free as df has it: what is left for who is not root. */
function rootOf(stdout: string): Pick<SystemFact, "rootFreeMiB" | "rootSizeMiB"> {
  const [, blocks = 0, free = 0] = /^\S+\s+([0-9]+)\s+[0-9]+\s+([0-9]+)\s+[0-9]+%\s+\/$/m.exec(stdout) ?? [];
  return { rootFreeMiB: Math.floor(Number(free) / 1024), rootSizeMiB: Math.floor(Number(blocks) / 1024) };
}

/** How many a list such as `0-3,8` names (cpuset(7), list format). */
function countOf(list: string): number {
  return list.split(",").reduce((sum, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
}

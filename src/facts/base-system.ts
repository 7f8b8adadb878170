import { HUGE_PAGES_TRIED } from "../desired/base-system.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { askKernels, kernelsIn } from "./kernels.ts";
import type { KernelsFact } from "./kernels.ts";
import { askSwap, swapIn } from "./swap.ts";
import type { SwapFact } from "./swap.ts";

/** What the kernel has of one setting. A container may look at it and not be let change it. */
export type SysctlFact =
  | { readonly kind: "value"; readonly value: string; readonly writable: boolean }
  /** It is there, and does not say what it is. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "absent" };

/** What a host is like below its services. */
export interface BaseSystemFact {
  /** By path below /proc/sys, or by absolute path. */
  readonly sysctl: Readonly<Record<string, SysctlFact>>;
  /** What /etc/localtime leads to; empty where it is no link. */
  readonly timezone: string;
  /** Whether the zone that is wanted is there. */
  readonly hasTimezone: boolean;
  /** What programs were promised of memory, asked only where strict accounting is to begin. */
  readonly committedMiB?: number;
  readonly kernels: KernelsFact;
  readonly swap: SwapFact;
  /** Memory that programs could have without swapping; asked only where it decides something. */
  readonly availableMiB: number;
  /** How many huge pages were asked for since the boot. */
  readonly hugePagesTried: number | undefined;
}

/**
 * Kernel settings and the time zone: few processes, whatever the number of keys. The kernel gives a value in one piece
 * only, and the shell's own `read` goes byte by byte.
 */
export function baseSystemFact(wish: {
  readonly sysctl: readonly string[];
  readonly timezone: string | undefined;
  /** Whether no swap is wanted. */
  readonly noSwap: boolean;
  /** Whether huge pages are. */
  readonly hugePages: boolean;
}): Fact<BaseSystemFact> {
  return {
    command: sh`
${wish.sysctl.length === 0 ? sh`:` : askKernel(wish.sysctl)}
${askKernels}
room=${wish.hugePages ? "asked" : ""}
${askSwap(wish.noSwap)}
${ASK_ROOM}
printf 'zone '; readlink /etc/localtime || echo
if [ -f ${`/usr/share/zoneinfo/${wish.timezone ?? "-"}`} ]; then echo 'has zone'; fi`,
    parse: (output) => parse(output, wish.sysctl),
  };
}

const ASK_ROOM = sh`
if [ -n "$room" ]; then
  while read -r a b c; do case $a in MemAvailable:) echo "room $b"; break ;; esac; done </proc/meminfo
fi
if [ -r ${HUGE_PAGES_TRIED} ]; then read -r l <${HUGE_PAGES_TRIED} && echo "tried $l"; fi`;

/** What was promised of memory changes all the time, and is asked only where it decides something. */
function askKernel(paths: readonly string[]): Command {
  return sh`cd /proc/sys
set -- ${paths}
o=
for p; do
  if [ ! -e "$p" ]; then continue; elif [ -w "$p" ]; then echo "rw $p"; else echo "ro $p"; continue; fi
  if [ "$p" = vm/overcommit_memory ]; then o=rw; fi
done
v=$(grep -sH '' -- "$@")
printf '%s\n' "$v"
case $o$v in *vm/overcommit_memory:2*) ;; rw*) grep '^Committed_AS' ../meminfo ;; esac
cd /`;
}

function parse({ exitCode, stdout }: FactOutput, paths: readonly string[]): BaseSystemFact {
  const zone = /^zone (.*)$/m.exec(stdout);
  if (exitCode === 124 || zone === null) throw new Error("the host did not say what its kernel settings are");
  const values = new Map(paths.map((path) => [path, valueIn(stdout, path)]));
  const found = [...stdout.matchAll(/^(r[ow]) (\S+)$/gm)].map(([, mode, path = ""]): [string, SysctlFact] => {
    const value = values.get(path);
    return [path, value === undefined ? { kind: "unreadable" } : { kind: "value", value, writable: mode === "rw" }];
  });
  const modes = new Map(found);
  const number = (pattern: RegExp): number | undefined => {
    const text = pattern.exec(stdout)?.[1];
    return text === undefined ? undefined : Number(text);
  };
  const committed = /^Committed_AS:\s+([0-9]+) kB$/m.exec(stdout)?.[1];
  return {
    sysctl: Object.fromEntries(paths.map((path) => [path, modes.get(path) ?? { kind: "absent" }])),
    timezone: /zoneinfo\/(.+)$/.exec(zone[1] ?? "")?.[1] ?? "",
    hasTimezone: /^has zone$/m.test(stdout),
    ...(committed === undefined ? {} : { committedMiB: Math.floor(Number(committed) / 1024) }),
    kernels: kernelsIn(stdout),
    swap: swapIn(stdout),
    availableMiB: Math.floor((number(/^room ([0-9]+)$/m) ?? 0) / 1024),
    hugePagesTried: number(/^tried ([0-9]+)$/m),
  };
}

/** A value of one line; numbers are parted by one blank. */
function valueIn(stdout: string, path: string): string | undefined {
  const line = stdout.split("\n").find((one) => one.startsWith(`${path}:`));
  const value = line
    ?.slice(path.length + 1)
    .trim()
    .replaceAll(/\s+/g, " ");
  // Of several words, the one in brackets is in force.
  return /\[(\S+)\]/.exec(value ?? "")?.[1] ?? value;
}

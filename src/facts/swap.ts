import { FSTAB_MARK } from "../desired/base-system.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** Swap of a host: what is in use, and what comes with the next boot. */
export interface SwapFact {
  readonly active: readonly { readonly path: string; readonly usedMiB: number }[];
  /** What /etc/fstab names. */
  readonly inFstab: readonly string[];
  /** Lines of it that pgha commented out. */
  readonly commented: number;
}

/**
 * By the shell itself. In a container the kernel tells of the swap of the machine below: what is not there as a file is
 * not this host's. Sets `room` where it has to be known how much memory is free.
 */
export function askSwap(wanted: boolean): Command {
  return sh`
while read -r a b c d; do
  case $a in
    ${FSTAB_MARK}*) echo 'swap commented' ;;
    '#'*) ;;
    *) if [ "$c" = swap ]; then echo "swap fstab $a"; fi ;;
  esac
done </etc/fstab
${wanted ? ASK_ACTIVE : sh`:`}`;
}

const ASK_ACTIVE = sh`
while read -r a b c d e; do
  if [ -e "$a" ]; then echo "swap active $d $a"; room=asked; fi
done </proc/swaps`;

export function swapIn(stdout: string): SwapFact {
  return {
    active: [...stdout.matchAll(/^swap active ([0-9]+) (.+)$/gm)].map(([, used, path = ""]) => ({
      path,
      usedMiB: Math.ceil(Number(used) / 1024),
    })),
    inFstab: [...stdout.matchAll(/^swap fstab (.+)$/gm)].map(([, what = ""]) => what),
    commented: [...stdout.matchAll(/^swap commented$/gm)].length,
  };
}

import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** What tells whether a host runs what is installed on it. */
export interface KernelsFact {
  /** The kernel that runs, as uname -r says it. */
  readonly running: string;
  /** Kernels in /boot, by their release. */
  readonly installed: readonly string[];
  /** Whether a package asked for a reboot (/run/reboot-required). */
  readonly isAsked: boolean;
  /** A container runs the kernel of the machine below it. */
  readonly isContainer: boolean;
}

/** By the shell itself: no process more. */
export const askKernels: Command = sh`
IFS= read -r k </proc/sys/kernel/osrelease; echo "kernel runs $k"
for f in /boot/vmlinuz-*; do if [ -e "$f" ]; then echo "kernel has \${f#/boot/vmlinuz-}"; fi; done
if [ -e /run/reboot-required ]; then echo 'kernel reboot asked'; fi
if [ -e /run/systemd/container ]; then echo 'kernel is below'; fi`;

export function kernelsIn(stdout: string): KernelsFact {
  return {
    running: /^kernel runs (.*)$/m.exec(stdout)?.[1] ?? "",
    installed: [...stdout.matchAll(/^kernel has (.+)$/gm)].map(([, release = ""]) => release),
    isAsked: /^kernel reboot asked$/m.test(stdout),
    isContainer: /^kernel is below$/m.test(stdout),
  };
}

import type { SetSysctl } from "../../changes/set-sysctl.ts";
import type { DesiredSysctl } from "../../desired/base-system.ts";
import type { BaseFacts } from "./observe.ts";
import { valueOn } from "./base-host.ts";

/** What of a host's kernel settings is to be set, and what cannot be. */
export interface SysctlFindings {
  readonly set: SetSysctl["settings"];
  /** Defaults that the host does not let itself be given, in words. */
  readonly remarks: readonly string[];
  /** What somebody wrote down and is not in force, in words. */
  readonly missing: readonly string[];
}

/** Compares what is wanted with what the running kernel has. */
export function sysctlFindings(
  wanted: readonly DesiredSysctl[],
  facts: Pick<BaseFacts, "base" | "system">,
): SysctlFindings {
  const set: SetSysctl["settings"][number][] = [];
  const remarks: string[] = [];
  const missing: string[] = [];
  for (const one of wanted) {
    const { key, path, asked } = one;
    const found = facts.base.sysctl[path] ?? { kind: "absent" };
    const value = valueOn(one, facts.base);
    if (found.kind === "absent") {
      // Not every kernel has what the defaults are about.
      if (asked) missing.push(`its kernel has no ${key}`);
    } else if (found.kind === "unreadable") {
      if (asked) missing.push(`${key} cannot be read there`);
    } else if (found.value !== value) {
      if (!found.writable) (asked ? missing : remarks).push(`${key} is ${found.value} instead of ${value}`);
      else if (!asked && path === "vm/overcommit_memory" && !isRoomFor(facts)) remarks.push(tooMuchPromised(facts));
      else set.push({ key, path, value, before: found.value });
    }
  }
  return { set, remarks, missing };
}

/** Of memory, what strict accounting promises at most (vm.overcommit_ratio of the defaults), with some to spare. */
function limitMiB({ system }: Pick<BaseFacts, "system">): number {
  return Math.floor(system.memoryMiB * 0.8 * 0.9) + system.swapMiB;
}

/** With strict accounting on, a host where more is promised already could not even start a program. */
function isRoomFor(facts: Pick<BaseFacts, "base" | "system">): boolean {
  return (facts.base.committedMiB ?? 0) < limitMiB(facts);
}

function tooMuchPromised(facts: Pick<BaseFacts, "base" | "system">): string {
  return (
    `vm.overcommit_memory stays as it is until the next boot: ${facts.base.committedMiB ?? 0} MiB are promised to ` +
    `programs already, too much for a limit of ${limitMiB(facts)} MiB`
  );
}

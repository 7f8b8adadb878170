import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { count } from "../text/words.ts";
import type { HostChangeKind } from "./change-kind.ts";

export interface SetSysctl {
  readonly kind: "set-sysctl";
  readonly settings: readonly {
    readonly key: string;
    /** Below /proc/sys, or an absolute path. */
    readonly path: string;
    readonly value: string;
    readonly before: string;
  }[];
}

export const setSysctl: HostChangeKind<SetSysctl> = {
  kind: "set-sysctl",
  describe: ({ settings }) =>
    `set ${count(settings.length, "kernel setting")}: ` +
    settings.map(({ key, value, before }) => `${key} = ${value} (now ${before})`).join(", "),
  target: ({ settings }) => settings.map(({ key }) => key).join(" "),
  action: "change",
  event: "SysctlSet",
  undoneBy: "nobody",
  undoneElsewhere:
    "Something else on that host sets them. Look for tuned, a cloud agent, or scripts that call sysctl, then run " +
    "again.",
  command: set,
  quick: true,
};

/**
 * Gives the running kernel each value and reads it back; all are tried, and what was not taken is told with what the
 * kernel has instead.
 */
function set({ settings }: SetSysctl): Command {
  return script([
    sh`failed=0
take() {
  cd /proc/sys
  # What the kernel says of a value that it refuses is the errno, which the shell tells in words of its own.
  if ! { printf '%s\n' "$2" >"$1"; } 2>/dev/null; then
    echo "the kernel refuses $2 for $1" >&2; failed=1; return 0
  fi
  now=$(tr -s '[:space:]' ' ' <"$1")
  now=\${now% }
  case $now in *'['*) now=\${now#*[}; now=\${now%%]*} ;; esac
  if [ "$now" != "$2" ]; then
    echo "$1 is $now after $2 was written: the kernel takes no more of it now" >&2; failed=1
  fi
}`,
    ...settings.map(({ path, value }) => sh`take ${path} ${value}`),
    sh`exit $failed`,
  ]);
}

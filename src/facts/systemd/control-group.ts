import { insideOf } from "../../desired/container.ts";
import { sh } from "../../shell/command.ts";
import type { Command } from "../../shell/command.ts";

/**
 * Whether a system unit has processes, by its control group: a test of the shell's own, where asking systemd costs as
 * much as ten forks. False for units outside system.slice. Unified and hybrid hierarchies
 * (systemd.resource-control(5)).
 */
export function hasProcesses(unit: string): Command {
  return sh`[ -d ${`/sys/fs/cgroup/system.slice/${unit}`} ] || [ -d ${`/sys/fs/cgroup/systemd/system.slice/${unit}`} ]`;
}

/**
 * Words of a `for` loop: the process ids of a system unit, or of its container where it runs one; none when it has
 * none.
 */
export function processesOf(unit: string): Command {
  const file = `system.slice/${unit}/cgroup.procs`;
  return sh`$(if [ -r ${insideOf(unit)} ] && read -r a b <${insideOf(unit)}; then
  sed -n -e 's|^0::|/sys/fs/cgroup|p' -e 's|^[0-9]*:name=systemd:|/sys/fs/cgroup/systemd|p' "/proc/$a/cgroup" |
    while IFS= read -r g; do cat "$g/cgroup.procs"; done
else cat ${`/sys/fs/cgroup/${file}`} || cat ${`/sys/fs/cgroup/systemd/${file}`}; fi)`;
}

/** What a process of the unit would get that is started now, as words of a `for` loop. */
export function environmentOf(unit: string): Command {
  return sh`$(systemctl show --property Environment -- ${unit})`;
}

import { insideOf } from "../../desired/container.ts";
import { sh } from "../../shell/command.ts";
import type { Command } from "../../shell/command.ts";

/** Prints the process that a unit runs as, that of its container where it has one; 0 where it does not run. */
export function mainPidOf(unit: string): Command {
  return sh`if [ -r ${insideOf(unit)} ]; then cut -d ' ' -f 1 ${insideOf(unit)}
  else systemctl show --property=MainPID --value ${unit}; fi`;
}

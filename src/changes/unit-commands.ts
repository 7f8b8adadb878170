import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** Lets systemd read the unit's files again, if they changed since it did. */
export function reloadUnitFiles(unit: string): Command {
  return sh`[ "$(systemctl show --property=NeedDaemonReload --value ${unit})" = no ] || systemctl daemon-reload`;
}

/** What to do of a unit; where that fails, the last of its journal is told. */
export function orJournal(act: "start" | "restart" | "reload", unit: string): Command {
  return sh`systemctl ${act} ${unit} || { journalctl -q -n 15 --no-pager -o cat -u ${unit} >&2; exit 1; }`;
}

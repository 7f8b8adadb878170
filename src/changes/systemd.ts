import { insideOf } from "../desired/container.ts";
import { UNIT_FOLDER } from "../desired/services.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** systemd as changes speak to it. Everything that they tell it stands here, and nothing else knows how. */

/**
 * Lets systemd read the unit's files again, if they changed since it did. It does not notice by itself that one of the
 * administrator's came to stand before that of a package.
 */
export function reloadUnitFiles(unit: string): Command {
  const own = `${UNIT_FOLDER}/${unit}`;
  return sh`case $(systemctl show --property=NeedDaemonReload --property=FragmentPath ${unit}) in
*NeedDaemonReload=yes*) ${readUnitFiles} ;;
*FragmentPath=${own}*) ;;
*) [ ! -e ${own} ] || ${readUnitFiles} ;;
esac`;
}

/** systemd's id of the process that runs now, another one after each start. */
export function invocationOf(unit: string): Command {
  return sh`systemctl show --property=InvocationID --value ${unit}`;
}

export const readUnitFiles = sh`systemctl daemon-reload`;

/** What to do of a unit; where that fails, the last of its journal is told. */
export function orJournal(act: "start" | "restart" | "reload" | "stop", unit: string): Command {
  return sh`systemctl ${act} ${unit} ${elseTell(unit)}`;
}

function elseTell(unit: string): Command {
  return sh`|| { ${tellJournal(unit)}; exit 1; }`;
}

/** The last of a unit's journal, to whoever asked for what failed. */
export function tellJournal(unit: string): Command {
  return sh`journalctl -q -n 15 --no-pager -o cat -u ${unit} >&2`;
}

/** What a unit said since `$since`, in seconds since the epoch. */
export function journalSince(unit: string): Command {
  return sh`journalctl -q --since "@$since" --no-pager -o cat -u ${unit}`;
}

/** What a unit said within the last quarter of an hour. */
export function recentJournal(unit: string): Command {
  return sh`journalctl -q -u ${unit} -n 500 --since -15min --no-pager -o cat`;
}

/** Asks for a reload. Whether it took is asked of the service itself. */
export function askReload(unit: string): Command {
  return sh`systemctl reload ${unit} || true`;
}

/** A unit that failed too often is started all the same. */
export function forgetFailures(unit: string): Command {
  return sh`systemctl reset-failed --quiet ${unit} 2>/dev/null || true`;
}

/** Prints the process that a unit runs as, that of its container where it has one; 0 where it does not run. */
export function mainPid(unit: string): Command {
  return sh`if [ -r ${insideOf(unit)} ]; then cut -d ' ' -f 1 ${insideOf(unit)}
  else systemctl show --property=MainPID --value ${unit}; fi`;
}

/** Ends the script while the unit runs. */
export function refuseWhileRunning(unit: string): Command {
  return sh`if systemctl is-active --quiet ${unit}; then echo ${`${unit} still runs`} >&2; exit 1; fi`;
}

/** Stops a unit and keeps it from coming back at the next boot. One that is not there is stopped. */
export function stopForGood(unit: string): Command {
  return script([
    sh`[ "$(systemctl show --property=LoadState --value ${unit})" != not-found ] || exit 0`,
    sh`systemctl disable --now --quiet ${unit} ${elseTell(unit)}`,
  ]);
}

/** Keeps units from being started, also such as are not there yet. */
export function maskAhead(units: readonly string[]): Command {
  return sh`systemctl mask --no-reload --quiet ${units}`;
}

/**
 * The same for as long as the script runs: what runs of them goes on. A mask that is for this boot alone is no trap for
 * the next one.
 */
export function maskUntil(units: readonly string[]): Command {
  return sh`trap ${sh`systemctl unmask --runtime --quiet ${units}`.script} EXIT
trap 'exit 143' HUP INT TERM
systemctl mask --runtime --quiet ${units}`;
}

/**
 * Decides which units come up with the host. Masked ones are in the way for good: stopped and disabled first, so that
 * neither a reboot nor a package upgrade brings them back (F38). Enabled ones lose the mask that kept the package's
 * installation from starting them.
 *
 * A daemon-reload takes longest of all, a quarter of a second of CPU, so there is one at the end at most: where systemd
 * shows a unit as it was before, or has not read its file since it was changed. For the same reason no links in
 * /etc/rc?.d are made for units that have an init script too: under systemd nothing looks at them, and update-rc.d
 * would reload once for each.
 */
export function arrange(mask: readonly string[], enable: readonly string[]): Command {
  const wanted = [
    ...mask.map((unit) => ({ unit, state: "masked" })),
    ...enable.map((unit) => ({ unit, state: "enabled" })),
  ];
  const units = wanted.map(({ unit }) => unit);
  const states = wanted.map(({ state }) => state).join("\n");
  const isStale = sh`systemctl show --property=NeedDaemonReload --value ${units} | grep -qx yes`;
  return script([
    sh`export SYSTEMCTL_SKIP_SYSV=1`,
    ...mask.flatMap((unit) => [
      sh`systemctl disable --now --no-reload --quiet ${unit} 2>/dev/null || true`,
      maskAhead([unit]),
    ]),
    ...(enable.length === 0
      ? []
      : [
          sh`systemctl unmask --no-reload --quiet ${enable}; systemctl unmask --runtime --no-reload --quiet ${enable}`,
          sh`systemctl enable --no-reload --quiet ${enable}`,
        ]),
    ...(wanted.length === 0
      ? []
      : [
          sh`seen=$(systemctl show --property=UnitFileState --value ${units} | grep . || true)`,
          sh`{ [ "$seen" = ${states} ] && ! ${isStale}; } || ${readUnitFiles}`,
        ]),
  ]);
}

/** Runs a script of the host's by itself after so many seconds, under a name by which that can be called off. */
export function runLater(name: string, seconds: number, path: string): Command {
  return script([
    sh`systemctl stop ${`${name}.timer`} 2>/dev/null || true`,
    sh`systemd-run --quiet --collect --unit=${name} --on-active=${seconds} \
  --timer-property=AccuracySec=100ms /bin/sh ${path}`,
  ]);
}

/** Calls it off; where it has run, says why that is a pity, and fails. */
export function callOff(name: string, pity: string): Command {
  return script([
    sh`systemctl is-active --quiet ${`${name}.timer`} || { echo ${pity} >&2; exit 1; }`,
    sh`systemctl stop ${`${name}.timer`}`,
  ]);
}

/**
 * Runs a script of the host's as a unit of its own, which goes on without whoever began it; returns once it says that
 * it is ready, by `sayReady`. Told to stop, it sees to the end of what is in its control group itself.
 */
export function runAside(unit: string, title: string, path: string, stopSeconds: number): Command {
  return script([
    forgetFailures(unit),
    sh`systemd-run --quiet --collect --unit=${unit} --description=${title} --service-type=notify \
  --property=KillMode=mixed --property=TimeoutStopSec=${stopSeconds} /bin/sh ${path} ${elseTell(unit)}`,
  ]);
}

export const sayReady: Command = sh`systemd-notify --ready`;

/** Stops a unit, if there is one. */
export function stopIfThere(unit: string): Command {
  return sh`systemctl stop ${unit} 2>/dev/null || true`;
}

/** Has a process be one of a unit's, whosever child it is: `$d` is used. */
export function moveInto(unit: string, pid: Command): Command {
  return sh`for d in ${`/sys/fs/cgroup/system.slice/${unit}`} ${`/sys/fs/cgroup/systemd/system.slice/${unit}`}; do
  [ ! -d "$d" ] || echo ${pid} >"$d/cgroup.procs"
done`;
}

/** Has a unit run now, and come up with the host. */
export function enableNow(unit: string): Command {
  return sh`systemctl enable --now --quiet ${unit} ${elseTell(unit)}`;
}

/** Has a unit come up with the host from the next boot on. */
export function enableForBoot(unit: string): Command {
  return sh`systemctl is-enabled --quiet ${unit} || {
  systemctl enable --no-reload --quiet ${unit}; ${readUnitFiles}
}`;
}

/** Stops a unit and waits until it has ended. One that is not there is stopped. */
export function stopOrTell(unit: string): Command {
  return sh`[ "$(systemctl show --property=LoadState --value ${unit})" = not-found ] || ${orJournal("stop", unit)}`;
}

/** Stops a unit, waits until it has ended, and has it not come up with the host. */
export function stopAndDisable(unit: string): Command {
  return script([orJournal("stop", unit), sh`systemctl disable --no-reload --quiet ${unit}`]);
}

/** Has it not come up any more, and stops nothing. */
export function disableForBoot(unit: string): Command {
  return sh`systemctl disable --no-reload --quiet ${unit} 2>/dev/null || true`;
}

/** Reloads the first of these units that runs. */
export function reloadFirst(units: readonly string[]): Command {
  return sh`for u in ${units}; do if systemctl is-active --quiet "$u"; then systemctl reload "$u"; break; fi; done`;
}

/** Has a mount unit mount what it names; where that fails, its journal and the kernel's last words are told. */
export function startMount(unit: string): Command {
  return sh`systemctl start ${unit} || { systemctl status --no-pager --lines=10 ${unit} >&2; exit 1; }`;
}

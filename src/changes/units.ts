import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { DialTarget, ReloadProof } from "./change.ts";
import { reloadPgBouncer } from "./pgbouncer.ts";

/**
 * Decides which units come up with the host. Masked ones are in the way for good: stopped and disabled first, so that
 * neither a reboot nor a package upgrade brings them back (F38). Enabled ones lose the mask that kept the package's
 * installation from starting them.
 *
 * A daemon-reload takes longest of all, a quarter of a second of CPU, so there is one at the end at most: where systemd
 * shows a unit as it was before, or has not read its file since it was changed. For the same reason no links in /etc/rc?.d are made for units that have an init script
 * too: under systemd nothing looks at them, and update-rc.d would reload once for each.
 */
export function arrangeUnits(mask: readonly string[], enable: readonly string[]): Command {
  const wanted = [
    ...mask.map((unit) => ({ unit, state: "masked" })),
    ...enable.map((unit) => ({ unit, state: "enabled" })),
  ];
  return script([
    sh`export SYSTEMCTL_SKIP_SYSV=1`,
    ...mask.flatMap((unit) => [
      sh`systemctl disable --now --no-reload --quiet ${unit} 2>/dev/null || true`,
      sh`systemctl mask --no-reload --quiet ${unit}`,
    ]),
    ...(enable.length === 0
      ? []
      : [sh`systemctl unmask --no-reload --quiet ${enable}`, sh`systemctl enable --no-reload --quiet ${enable}`]),
    ...(wanted.length === 0
      ? []
      : [
          sh`seen=$(systemctl show --property=UnitFileState --value ${wanted.map(({ unit }) => unit)} | grep . || true)`,
          sh`{ [ "$seen" = ${wanted.map(({ state }) => state).join("\n")} ] && ! systemctl show --property=NeedDaemonReload --value ${wanted.map(({ unit }) => unit)} | grep -qx yes; } || systemctl daemon-reload`,
        ]),
  ]);
}

/** Lets systemd read the unit's files again, if they changed since it did. */
function reloadUnitFiles(unit: string): Command {
  return sh`[ "$(systemctl show --property=NeedDaemonReload --value ${unit})" = no ] || systemctl daemon-reload`;
}

/**
 * Starts a unit. With `after`, waits up to ten seconds for that port to answer first: a RAFT node whose first dial
 * is refused tries again only five seconds later. Starting goes on when the time is over: it was only a head start.
 */
export function startUnit(unit: string, after?: DialTarget): Command {
  return script([
    reloadUnitFiles(unit),
    ...(after === undefined
      ? []
      : [sh`timeout 10 bash -c ${DIAL_UNTIL_OPEN} - ${after.address} ${after.port} || true`]),
    sh`systemctl reset-failed --quiet ${unit} 2>/dev/null || true`,
    sh`systemctl start ${unit} || { journalctl -q -n 15 --no-pager -o cat -u ${unit} >&2; exit 1; }`,
  ]);
}

export function restartUnit(unit: string): Command {
  return script([
    reloadUnitFiles(unit),
    sh`systemctl restart ${unit} || { journalctl -q -n 15 --no-pager -o cat -u ${unit} >&2; exit 1; }`,
  ]);
}

/**
 * Reloads a unit. HAProxy's master keeps its old workers when it cannot use the new configuration and says so only
 * in its log, so the running process is asked what it loaded; when that is not the new one within ten seconds, the
 * previous file goes back and the reload counts as refused (F48). Patroni only notes that it was told, and loads the file
 * up to loop_wait later; a look before that would find the old configuration and have it reloaded again.
 */
export function reloadUnit(unit: string, proof?: ReloadProof): Command {
  const reload = sh`systemctl reload ${unit} || { journalctl -q -n 15 --no-pager -o cat -u ${unit} >&2; exit 1; }`;
  if (proof === undefined) return script([reloadUnitFiles(unit), reload]);
  if (proof.kind === "pgbouncer") return script([reloadUnitFiles(unit), reloadPgBouncer(unit, proof)]);
  if (proof.kind === "patroni") {
    const failed = `Patroni still shows another ${proof.tag} after ${proof.withinSeconds} s: its loop hangs, or it refused the file`;
    return script([
      reloadUnitFiles(unit),
      reload,
      sh`timeout ${proof.withinSeconds} sh -c ${ASK_PATRONI} ${proof.url} ${`"${proof.tag}": "${proof.value}"`} || { journalctl -q -n 15 --no-pager -o cat -u ${unit} >&2; echo ${failed} >&2; exit 1; }`,
    ]);
  }
  return script([
    reloadUnitFiles(unit),
    sh`systemctl reload ${unit} || true`,
    sh`loaded() { perl -MIO::Socket::UNIX -e ${ASK_HAPROXY} ${proof.socket} | grep -qxF ${`description: ${proof.description}`}; }`,
    sh`tries=0; until loaded; do tries=$((tries+1)); if [ $tries -ge 100 ]; then journalctl -q -n 15 --no-pager -o cat -u ${unit} >&2; if [ -f ${`${proof.config}.previous`} ]; then cp -p ${`${proof.config}.previous`} ${proof.config}; systemctl reload ${unit} || true; fi; echo 'the new configuration was refused; the previous one is back in place' >&2; exit 1; fi; sleep 0.1; done`,
  ]);
}

const DIAL_UNTIL_OPEN = 'until (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; do sleep 0.05; done';

/** Without --fail: the answer is 503 while PostgreSQL is down, with the tags all the same. */
const ASK_PATRONI = 'until curl -q -s -m 2 "$0" | grep -qF "$1"; do sleep 0.2; done';

const ASK_HAPROXY = 'my $s = IO::Socket::UNIX->new(Peer => shift) or exit 1; print $s "show info\\n"; print while <$s>';

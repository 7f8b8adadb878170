import { PGBOUNCER } from "../desired/services.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { asPostgres } from "../shell/psql.ts";
import { wordsOf } from "./pgbouncer-words.ts";
import { QUIET_MOMENT } from "./quiet-moment.ts";
import { askReload, journalSince, mainPid, moveInto, reloadUnitFiles, runAside, sayReady } from "./systemd.ts";

/** What becomes of a PgBouncer that another process takes the place of. */
export interface FormerPooler {
  /** How long it serves at most. */
  readonly seconds: number;
  /** Whether it takes new clients as well: the other one listens elsewhere. */
  readonly listens: boolean;
}

const { unit, former, socketDirectory } = PGBOUNCER;

/**
 * Who is about to connect comes to the other process: the kernel hands him over, where it can (Linux 5.14), and is
 * asked to only as long as it takes.
 */
const takeNoMore = sh`m=/proc/sys/net/ipv4/tcp_migrate_req k=
if [ -w "$m" ] && read -r k <"$m"; then echo 1 >"$m"; fi
${asPostgres} perl -e ${QUIET_MOMENT} -- "$(socket ${former.socketDirectory})" "$old" 3
n=0
while [ "$n" -lt 40 ] && listens "$old"; do sleep 0.05; n=$((n + 1)); done
[ -z "$k" ] || echo "$k" >"$m"`;

/** How long its transactions may take to end, when its time is over. */
const END_SECONDS = 15;

/**
 * Starts another process of PgBouncer in the unit, by a reload that replaces the main one (src/render/units.ts), and
 * leaves the one before in a unit of its own, which ends it at its time, whatever becomes of pgha. What does not come
 * up takes nobody's place.
 */
export function replacePooler(how: FormerPooler): Command {
  return script([
    reloadUnitFiles(unit),
    sh`umask 077; mkdir -p /run/pgha; printf '%s\n' ${keeper(how).script} >${former.script}`,
    runAside(former.unit, "PgBouncer as it was before, kept by pgha", former.script, END_SECONDS + 10),
  ]);
}

/**
 * Its socket makes room first. In its own mount namespace the folder of sockets is another one from then on: at its end
 * it removes what it takes for its own, by the name that the other's has.
 */
function keeper({ seconds, listens }: FormerPooler): Command {
  return sh`set -uf; umask 022
since() { w=; { read -r l <"/proc/$1/stat"; } 2>/dev/null || return 1; set -- \${l##*) }; shift 19; w=$1; }
alive() { since "$old" && [ "$w" = "$born" ]; }
uptime() { read -r up rest </proc/uptime; up=\${up%%.*}; }
socket() { find "$1" -maxdepth 1 -type s -name '.s.PGSQL.*' -print -quit 2>/dev/null; }
listens() { ss --no-header --listening --tcp --numeric --processes | grep -q "pid=$1,"; }
old=$(${mainPid(unit)})
since "$old" || { echo 'it does not run' >&2; exit 1; }
born=$w was=$(socket ${socketDirectory})
[ -S "$was" ] || { echo 'its console is not where it should be' >&2; exit 1; }
back() {
  rm -f ${former.replaced}
  nsenter -t "$old" -m -- umount ${socketDirectory} 2>/dev/null
  [ -n "$(socket ${socketDirectory})" ] || mv "$(socket ${former.socketDirectory})" ${socketDirectory}/
  rm -rf ${former.socketDirectory}
}
trap '' HUP PIPE
trap 'exit 143' TERM INT
trap back EXIT
rm -rf ${former.socketDirectory}
install -d -m 755 ${former.socketDirectory}
mv "$was" ${former.socketDirectory}/
nsenter -t "$old" -m -- mount --bind ${former.socketDirectory} ${socketDirectory} || exit 1
echo "$old" >${former.replaced}
since=$(date +%s)
${askReload(unit)}
new=$(${mainPid(unit)})
case $new in "$old"|0|'')
  ${journalSince(unit)} | ${wordsOf} >&2
  echo 'another process did not come up, so the one before goes on' >&2
  exit 1 ;;
esac
trap - EXIT
rm -f ${former.replaced}
${moveInto(former.unit, sh`"$old"`)}
${listens ? sh`:` : takeNoMore}
uptime; end=$((up + ${seconds}))
until=$(($(date +%s) + ${seconds}))
printf '%s %s %s %s\n' "$old" "$until" "\${was##*.}" ${listens ? "listens" : "drains"} >${former.note}
${sayReady}
over=
trap 'over=1' TERM INT
while alive && [ -z "$over" ] && uptime && [ "$up" -lt "$end" ]; do sleep 1 & wait "$!"; done
if alive; then
  # Transactions end, and none begins.
  kill -s USR1 "$old"
  n=0
  while alive && [ "$n" -lt ${END_SECONDS * 5} ] &&
    ss --no-header --tcp --numeric --processes state established "sport != :\${was##*.}" | grep -q "pid=$old,"
  do sleep 0.2; n=$((n + 1)); done
  # The second one is not waited with for clients, in any version.
  for s in TERM TERM KILL; do ! alive || { kill -s "$s" "$old"; sleep 0.5; }; done
fi
rm -rf ${former.socketDirectory} ${former.note}`;
}

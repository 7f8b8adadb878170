import { insideOf } from "../desired/container.ts";
import { HAPROXY, PGBOUNCER } from "../desired/services.ts";
import { WRITE } from "../facts/logins.ts";
import { HAPROXY_BACKENDS } from "../render/haproxy-cfg.ts";
import { secret, sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { findPsqlOf } from "../shell/psql.ts";
import type { Material } from "./material.ts";
import { mainPid } from "./systemd.ts";
import { WAIT_FOR_LEADER } from "./wait-for-leader.ts";

/** A host that leads clients to a cluster, while another member comes to lead. */
export interface SwitchWay {
  readonly host: string;
  /** Of a PgBouncer whose clients are to wait. */
  readonly pooler?: { readonly port: number };
  /** Whether a HAProxy runs there. */
  readonly proxy: boolean;
  /** How a client writes from there. */
  readonly write?: {
    readonly addresses: readonly string[];
    readonly port: number;
    readonly role: string;
    readonly database: string;
  };
}

/** Who comes to lead instead of whom. */
export interface Handover {
  readonly to: string;
  /** Its REST API. */
  readonly api: { readonly address: string; readonly port: number };
  /** All other members: whoever led, a HAProxy sends no writes there any more. */
  readonly others: readonly string[];
  /** A transaction that does not end in time is cut by who led, in place of giving up. */
  readonly force: boolean;
}

/** How long transactions may take to end while their clients, and all others, wait. */
const DRAIN_SECONDS = 2;
/** How long a pause lasts without a sign of life. */
export const LEASE_SECONDS = 3;
/** How long it lasts at most. */
const MOST_SECONDS = 10;
export const HOLD_DEADLINE_MS = (DRAIN_SECONDS + MOST_SECONDS + 18) * 1000;

/**
 * Has the clients of a host wait from `ready` until a write to the new leader goes through there, and then go on; at
 * the latest when nobody gives a sign of life on standard input any more. Prints `held FROM UNTIL`, seconds of the
 * host's uptime. A second process sees to the end of a pause should the first be killed: it waits for the lock on the
 * lease.
 */
export function holdWay(way: SwitchWay, handover: Handover, { credentials }: Material): Command {
  const { pooler, write } = way;
  const password = write === undefined ? undefined : credentials.roles[write.role]?.password;
  const wait = waitForLeader(way, handover, password !== undefined);
  const held = pooler === undefined ? NOTHING_TO_HOLD : pauseFor(pooler.port, handover.force);
  const inner = sh`umask 077; mkdir -p /run/pgha
${FIND_PSQL}
export psql within as
exec 3<&0
IFS= read -r s; export PGPASSWORD="$(printf '%s' "$s" | base64 -d; printf .)"; PGPASSWORD=\${PGPASSWORD%.}
clock() { read -r up rest </proc/uptime; }
trap '' HUP
w=
trap '[ -z "$w" ] || kill "$w" 2>/dev/null; exit 143' TERM INT
${held}
echo ready
${wait} <&3 7>&- &
w=$!
e=0; wait "$w" || e=$?
exit "$e"`;
  // In a shell of its own: its number is the one that whoever lets go of it needs.
  const display = pooler === undefined ? "(wait for the new leader)" : "(have clients of PgBouncer wait)";
  const command = { script: sh`sh -c ${inner.script}`.script, display };
  const line = Buffer.from(password?.reveal() ?? "").toString("base64");
  return withStdin(command, secret(`${line}\n`), password === undefined ? [] : [password]);
}

const FIND_PSQL = findPsqlOf(insideOf(PGBOUNCER.unit));
const NOTHING_TO_HOLD = sh`true`;

/**
 * The console, over its socket: `console SECONDS STATEMENT`. One that takes longer is killed, as only that ends it.
 * `former` is that of the process before, which listens still, and answers nothing where there is none: its clients
 * wait, and go on, with the others.
 */
function consoleOf(port: number): Command {
  return sh`ask() {
  timeout -s KILL "$1" $as "$psql" -X -q --csv -w -v ON_ERROR_STOP=1 -h "$3" -p "$4" -U pgbouncer -d pgbouncer \
    -c "$2" </dev/null 7>&-
}
console() { ask "$1" "$2" ${PGBOUNCER.socketDirectory} ${port}; }
former() {
  for x in ${PGBOUNCER.former.socketDirectory}/.s.PGSQL.*; do
    [ ! -S "$x" ] || ask "$1" "$2" "\${x%/*}" "\${x##*.}" || return
  done
}
resume() {
  # Where nobody answers, nobody waits.
  said=$(former 3 RESUME 2>&1) || case $said in *'not paused'*|*refused*|*'No such file'*) ;; *) return 1 ;; esac
  said=$(console 3 RESUME 2>&1) || case $said in *'not paused'*) ;; *) return 1 ;; esac
  : >${PGBOUNCER.lease}
}`;
}

function pauseFor(port: number, force: boolean): Command {
  const guard = sh`${consoleOf(port)}
flock 6; n=0
while [ -s ${PGBOUNCER.lease} ] && [ "$n" -lt 50 ]; do resume || sleep 0.2; n=$((n + 1)); done`;
  return sh`${consoleOf(port)}
exec 7>>${PGBOUNCER.lease}
flock -n 7 || { echo 'another switchover has its clients wait' >&2; exit 75; }
case $(console 2 'SHOW STATE' 2>/dev/null) in *'paused,yes'*) echo ${PERSON} >&2; exit 75 ;; esac
pid=$(${mainPid(PGBOUNCER.unit)})
printf '%s %s\n' "$pid" "$$" >${PGBOUNCER.lease}
setsid sh -c ${guard.script} 6>>${PGBOUNCER.lease} 7>&- 8>&- 9>&- 3<&- </dev/null >/dev/null 2>&1 &
clock; since=$up
trap 'resume || { sleep 0.2; resume; } || true; clock; echo "held $since $up"' EXIT
former ${DRAIN_SECONDS} PAUSE >/dev/null 2>&1 & f=$!
p=0; said=$(console ${DRAIN_SECONDS} PAUSE 2>&1) || p=$?
q=0; wait "$f" || q=$?
# Of one that ended meanwhile nobody is left to wait.
[ "$q" != 137 ] || p=137
if [ "$p" = 137 ] && [ ${force ? "yes" : "no"} = no ]; then
  {
    echo ${`transactions did not end within ${DRAIN_SECONDS} s: nothing is switched over, and clients go on`}
    { console 2 'SHOW SERVERS'; former 2 'SHOW SERVERS'; } 2>/dev/null |
      perl -F, -lane ${ACTIVE} | sort | uniq -c | head -n 5
  } >&2
  exit 75
fi
case $said in *already*) trap - EXIT; : >${PGBOUNCER.lease}; echo ${PERSON} >&2; exit 75 ;; esac
case $p in 0|137) ;; *) printf 'PgBouncer said: %s\n' "$said" >&2; exit 1 ;; esac`;
}

const PERSON = "somebody paused this PgBouncer: nothing is switched over before that ends";

/** Who holds which database, of SHOW SERVERS as CSV. */
const ACTIVE = String.raw`
if ($. == 1) { @c{@F} = 0 .. $#F; next }
print "$F[$c{user}] in $F[$c{database}]" if $F[$c{state}] eq "active";
`;

function waitForLeader({ proxy, write }: SwitchWay, { to, api, others }: Handover, mayLogIn: boolean): Command {
  const probes = (write?.addresses ?? []).map(
    (address) =>
      sh`timeout 2 $within "$psql" -X -A -t -q -w -v ON_ERROR_STOP=1 -h ${address} -p ${write?.port ?? 0} \
        -U ${write?.role ?? ""} -d ${write?.database ?? ""} -c ${WRITE}`.script,
  );
  const probe = mayLogIn ? probes.join(" && ") : "";
  const words = [api.address, api.port, proxy ? HAPROXY.socket : "", HAPROXY_BACKENDS.write, to, others.join(" ")];
  return sh`perl -e ${WAIT_FOR_LEADER} -- ${LEASE_SECONDS} ${MOST_SECONDS} ${probe} ${words}`;
}

/**
 * Ends a pause of pgha's at once, and whatever waits in it. Of a PgBouncer that was started since, and of one that a
 * person paused, nothing is changed.
 */
export function letGo(port: number): Command {
  return sh`set -u
${FIND_PSQL}
${consoleOf(port)}
pid= holder=
[ ! -s ${PGBOUNCER.lease} ] || read -r pid holder <${PGBOUNCER.lease}
[ -n "$pid" ] || exit 0
[ "$pid" = "$(${mainPid(PGBOUNCER.unit)})" ] || { : >${PGBOUNCER.lease}; exit 0; }
! grep -q ${PGBOUNCER.lease} "/proc/$holder/cmdline" 2>/dev/null || kill "$holder" 2>/dev/null || true
n=0
until flock -w 0.2 ${PGBOUNCER.lease} true || [ "$n" -gt 10 ]; do n=$((n + 1)); done
[ ! -s ${PGBOUNCER.lease} ] || resume`;
}

import type { DesiredContainer } from "../desired/container.ts";
import { PGBOUNCER } from "../desired/services.ts";
import { raw, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { asPostgres } from "../shell/psql.ts";
import { aside } from "./in-container.ts";
import { wordsOf } from "./pgbouncer-words.ts";

/**
 * PgBouncer has no option that checks its file. So the one that is to run is started with it, as its user, in a
 * private directory with nothing but a socket there: it opens no port, writes no other file, and dials nobody, since a
 * pool is filled for clients only. It has to answer, with this very file loaded and without an error in its log, within
 * five seconds; then it is stopped. What it says of a file that it refuses is told, with the field of the manifest.
 */
export function tryPgBouncer(ini: string, container?: DesiredContainer): Command {
  const owner = container === undefined ? "postgres:postgres" : `${container.inside.uid}:${container.inside.gid}`;
  // Its user may not be allowed where this one is, and would say so in place of PgBouncer.
  const command = sh`(
cd /
d=$(mktemp -d /run/pgha-try.XXXXXXXX)
trap 'rm -rf "$d"' EXIT
if [ -f ${PGBOUNCER.userlist} ]; then cat ${PGBOUNCER.userlist} >"$d/userlist.txt"; else : >"$d/userlist.txt"; fi
{
  cat ${ini}
  printf '%s\n' '' 'listen_addr =' 'listen_port = 6432' "unix_socket_dir = $d" "auth_file = $d/userlist.txt"
} >"$d/pgbouncer.ini"
chown -R ${owner} "$d"
${shellOf(container)} -c ${TRY} - "$d" >"$d/said" 2>&1 </dev/null 8>&- || true
mark=$(sed -n 's/^syslog_ident = //p' ${ini})
if [ -n "$mark" ] && grep -qsF "$mark" "$d/config" && ! grep -qE ${REFUSAL} "$d/log"; then exit 0; fi
echo 'the installed PgBouncer does not start with this configuration, so it was not put in place:' >&2
words=$(cat "$d/log" "$d/said" 2>/dev/null | ${wordsOf})
[ -n "$words" ] || words=$(tail -n 3 "$d/said")
printf '%s\n' "\${words:-it did not answer on its socket within five seconds}" >&2
exit 1
)`;
  return { ...command, display: `# start PgBouncer aside with ${ini}, on a socket of its own` };
}

/** A shell where PgBouncer is, as its user. */
function shellOf(container: DesiredContainer | undefined): Command {
  return container === undefined
    ? sh`timeout -k 1 10 ${asPostgres} sh`
    : aside("sh", container, sh`--mount=type=bind,source="$d",target="$d"`);
}

/** Has PgBouncer start and answer, in a shell that has little: its only argument is the folder. */
const TRY = raw(
  `'` +
    [
      "d=$1; PATH=$PATH:/usr/sbin:/usr/local/sbin; psql=psql",
      'for x in /usr/lib/postgresql/*/bin/psql; do if [ -x "$x" ]; then psql=$x; fi; done',
      "export PGCONNECT_TIMEOUT=4 PGGSSENCMODE=disable PSQLRC=/dev/null",
      'pgbouncer "$d/pgbouncer.ini" >"$d/log" 2>&1 & pid=$!',
      'trap "kill $pid 2>/dev/null" EXIT',
      'answers() { [ -S "$d/.s.PGSQL.6432" ] && timeout 2 "$psql" -X -q --csv -h "$d" -p 6432 -U pgbouncer ' +
        '-d pgbouncer -c "SHOW CONFIG" >"$d/config"; }',
      'ended() { read -r l <"/proc/$pid/stat" 2>/dev/null || return 0; case $l in *") Z "*) ;; *) return 1 ;; esac; }',
      "end=$(($(date +%s)+5))",
      'until answers || ended || [ "$(date +%s)" -gt "$end" ]; do sleep 0.05; done',
    ].join("\n") +
    `'`,
);

/** Lines of the log that say that something was not taken. */
const REFUSAL = " (ERROR|FATAL) ";

import { PGBOUNCER } from "../desired/services.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { asPostgres, findPsql } from "../shell/psql.ts";
import { wordsOf } from "./pgbouncer-words.ts";

/**
 * PgBouncer has no option that checks its file. So the one that is installed is started with it, as its user, in a
 * private directory with nothing but a socket there: it opens no port, writes no other file, and dials nobody, since a
 * pool is filled for clients only. It has to answer, with this very file loaded and without an error in its log, within
 * five seconds; then it is stopped. What it says of a file that it refuses is told, with the field of the manifest.
 */
export function tryPgBouncer(ini: string): Command {
  const command = sh`(
${findPsql}
d=$(mktemp -d /run/pgha-try.XXXXXXXX)
pid=
trap '[ -z "$pid" ] || kill $pid 2>/dev/null || :; rm -rf "$d"' EXIT
if [ -f ${PGBOUNCER.userlist} ]; then cat ${PGBOUNCER.userlist} >"$d/userlist.txt"; else : >"$d/userlist.txt"; fi
{
  cat ${ini}
  printf '%s\n' '' 'listen_addr =' 'listen_port = 6432' "unix_socket_dir = $d" "auth_file = $d/userlist.txt"
} >"$d/pgbouncer.ini"
chown -R postgres:postgres "$d"
timeout -k 1 10 ${asPostgres} pgbouncer "$d/pgbouncer.ini" >"$d/log" 2>&1 </dev/null 8>&- &
pid=$!
ended() { case "$(cut -d ' ' -f 3 "/proc/$pid/stat" 2>/dev/null)" in '' | Z) ;; *) return 1 ;; esac; }
answers() {
  [ -S "$d/.s.PGSQL.6432" ] &&
    timeout 2 ${asPostgres} "$psql" -X -q --csv -h "$d" -p 6432 -U pgbouncer -d pgbouncer -c 'SHOW CONFIG' \
      >"$d/config" 2>/dev/null </dev/null
}
end=$(($(date +%s)+5))
until answers || ended || [ "$(date +%s)" -gt $end ]; do sleep 0.05; done
mark=$(sed -n 's/^syslog_ident = //p' ${ini})
if [ -n "$mark" ] && grep -qsF "$mark" "$d/config" && ! grep -qE ${REFUSAL} "$d/log"; then exit 0; fi
echo 'the installed PgBouncer does not start with this configuration, so it was not put in place:' >&2
words=$(${wordsOf} <"$d/log")
printf '%s\n' "\${words:-it did not answer on its socket within five seconds}" >&2
exit 1
)`;
  return { ...command, display: `# start PgBouncer aside with ${ini}, on a socket of its own` };
}

/** Lines of the log that say that something was not taken. */
const REFUSAL = " (ERROR|FATAL) ";

import { raw } from "./command.ts";
import type { RawText } from "./command.ts";

/**
 * Shell lines that make `psql` in `$psql` the newest real one. /usr/bin/psql on Debian is pg_wrapper, a Perl program
 * that looks for clusters first and triples the time.
 */
export const findPsql: RawText = raw(`psql=psql
for x in /usr/lib/postgresql/*/bin/psql; do if [ -x "$x" ]; then psql=$x; fi; done
export PGCONNECT_TIMEOUT=4 PGGSSENCMODE=disable PGAPPNAME=pgha PSQLRC=/dev/null
`);

/**
 * The same for a program that may run in a container: while it does, `insideFile` tells its first process, its user and
 * its group, and `$within "$psql"` is the one in there. After `$as` it runs as the user of that program, who may enter
 * its console. nsenter takes no Docker, stays the process that it was started as, and keeps the environment. Paths of
 * the container's are below `$root`.
 */
export function findPsqlOf(insideFile: string): RawText {
  return raw(`${findPsql.text}within= root= as='${asPostgres.text}'
if [ -r ${insideFile} ] && read -r a b c x <${insideFile} && [ -d "/proc/$a/root/" ]; then
  within="nsenter -t $a -m --" root=/proc/$a/root as="nsenter -t $a -m -S $b -G $c --" psql=psql
  for x in "/proc/$a/root"/usr/lib/postgresql/*/bin/psql; do if [ -x "$x" ]; then psql=\${x#"/proc/$a/root"}; fi; done
fi
`);
}

/**
 * Runs what follows as the system user postgres. setpriv, unlike runuser and su, opens no PAM session and logs nothing.
 */
export const asPostgres: RawText = raw("setpriv --reuid postgres --regid postgres --init-groups --");

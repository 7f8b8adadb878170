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
 * Runs what follows as the system user postgres. setpriv, unlike runuser and su, opens no PAM session and logs nothing.
 */
export const asPostgres: RawText = raw("setpriv --reuid postgres --regid postgres --init-groups --");

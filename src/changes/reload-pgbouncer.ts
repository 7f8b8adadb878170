import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { insideOf } from "../desired/container.ts";
import { findPsqlOf } from "../shell/psql.ts";
import { askReload, journalSince } from "./systemd.ts";
import { wordsOf } from "./pgbouncer-words.ts";

/** The running PgBouncer shows this mark as syslog_ident in SHOW CONFIG. If not, `config` goes back. */
export interface PgBouncerProof {
  readonly kind: "pgbouncer";
  readonly socketDirectory: string;
  readonly port: number;
  readonly mark: string;
  readonly config: string;
}

/**
 * Reloads PgBouncer. It reads its file or keeps what it has, and says which in its log alone: so it is asked what it
 * loaded. If that is not the new file within ten seconds, what it said is told, and the file before goes back.
 */
export function reloadPgBouncer(unit: string, proof: PgBouncerProof): Command {
  const previous = `${proof.config}.previous`;
  return script([
    sh`${findPsqlOf(insideOf(unit))}
console() {
  timeout 4 $as "$psql" -X -q --csv -h ${proof.socketDirectory} -p ${proof.port} \
    -U pgbouncer -d pgbouncer -c "$1" 2>/dev/null </dev/null
}
loaded() { console 'SHOW CONFIG' | grep -qF ${`syslog_ident,${proof.mark},`}; }
# Where it shows the mark already, it gets another one, which nothing but the file takes away again.
! loaded || console "SET syslog_ident = 'pgha'" || true
since=$(date +%s)
${askReload(unit)}
until loaded; do
  if [ "$(date +%s)" -gt $((since+10)) ]; then
    ${journalSince(unit)} | ${wordsOf} >&2 || true
    if [ -f ${previous} ]; then cp -p ${previous} ${proof.config}; ${askReload(unit)}; fi
    echo 'the running PgBouncer refused the new configuration; the previous file is back in place' >&2
    exit 1
  fi
  sleep 0.2
done`,
  ]);
}

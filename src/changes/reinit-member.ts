import { COPY } from "../facts/data-directory.ts";
import { sh, withStdin } from "../shell/command.ts";
import { asPostgres, findPsql } from "../shell/psql.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { patroniRequest } from "./patroni-call.ts";

export interface ReinitMember {
  readonly kind: "reinit-member";
  readonly member: string;
  /** Its REST API, without a path. */
  readonly url: string;
  /** Who leads, with its REST API: the data comes from there. */
  readonly leader: string;
  readonly leaderUrl: string;
  readonly dataDirectory: string;
  /** Which copy is given up: another one there by then is left alone. */
  readonly copy: string;
  /** How long it is watched before, whether it comes right by itself, in seconds. */
  readonly watchSeconds: number;
}

/** Stopping what runs, immediately, and removing its data: as long as it takes to unlink that. */
const GONE_SECONDS = 120;

/**
 * By POST /reinitialize of the member's own Patroni
 * (https://patroni.readthedocs.io/en/latest/rest_api.html#reinitialize-endpoint), which refuses it of a leader, without
 * one, and in the middle of something else. Before that it is watched for a while: what begins to stream is left alone,
 * and so is another copy than the one that was judged. Once that copy is gone, what comes after is the next look's.
 */
export const reinitMember: HostChangeKind<ReinitMember> = {
  kind: "reinit-member",
  describe: ({ leader, watchSeconds }) =>
    `delete its data and copy it anew from ${leader}, unless it comes right within ${watchSeconds} s`,
  target: ({ member }) => member,
  action: "remove",
  event: "MemberReinitialised",
  undoneBy: "service",
  command: ({ url, leader, leaderUrl, dataDirectory, copy, watchSeconds }, { credentials, postgresqlPort }) =>
    withStdin(
      sh`${findPsql}
same() { [ "$(stat -c ${COPY} ${`${dataDirectory}/PG_VERSION`} 2>/dev/null)" = ${copy} ]; }
status() { curl -q -s -m 5 -o /dev/null -w '%{http_code}' "$1" </dev/null; }
until=$(($(date +%s) + ${watchSeconds}))
while :; do
  same || exit 0
  [ "$(${asPostgres} "$psql" -X -A -t -h /var/run/postgresql -p ${postgresqlPort} -d postgres \
    -c 'SELECT status FROM pg_stat_wal_receiver' </dev/null 2>/dev/null)" != streaming ] || exit 0
  [ "$(date +%s)" -lt "$until" ] || break
  sleep 2
done
[ "$(status ${`${leaderUrl}/primary`})" = 200 ] || { echo ${`${leader} does not lead any more`} >&2; exit 1; }
[ "$(status ${`${url}/primary`})" != 200 ] || { echo 'it leads by now' >&2; exit 1; }
said=$(curl -q --config -) || case $said in
  *'already in progress'*) exit 0 ;;
  *) printf 'Patroni said: %s\n' "$said" >&2; exit 1 ;;
esac
until=$(($(date +%s) + ${GONE_SECONDS}))
while same; do
  [ "$(date +%s)" -lt "$until" ] || { echo 'Patroni took the request, and the data is there as before' >&2; exit 1; }
  sleep 1
done`,
      patroniRequest(
        { method: "POST", url: `${url}/reinitialize`, body: { force: false }, maxSeconds: 30 },
        credentials.restApi,
      ),
    ),
  deadlineMs: ({ watchSeconds }) => (watchSeconds + GONE_SECONDS + 90) * 1000,
};

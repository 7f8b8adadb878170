import { insideOf } from "../desired/container.ts";
import { PATRONI } from "../desired/services.ts";
import { COPY } from "../facts/data-directory.ts";
import { sh, withStdin } from "../shell/command.ts";
import { findPsqlOf } from "../shell/psql.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { leadPast } from "./drain.ts";
import type { Readers } from "./drain.ts";
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
  /** Of one that serves them still. */
  readonly readers?: Readers;
}

/** Patroni's word while it tries to start what does not start, a few seconds of each of its rounds. */
const TRYING = "restarting after failure already in progress";
const BETWEEN_TRIES_SECONDS = 60;

/** Stopping what runs, immediately, and removing its data: as long as it takes to unlink that. */
const GONE_SECONDS = 120;

/**
 * By POST /reinitialize of the member's own Patroni
 * (https://patroni.readthedocs.io/en/latest/rest_api.html#reinitialize-endpoint), which refuses it of a leader, without
 * one, and in the middle of something else: of its own tries to start it, the end is waited for. Before that it is
 * watched for a while: what begins to stream is left alone, and so is another copy than the one that was judged. Once
 * that copy is gone, what comes after is the next look's.
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
      sh`${findPsqlOf(insideOf(PATRONI.unit))}
same() { [ "$(stat -c ${COPY} ${`${dataDirectory}/PG_VERSION`} 2>/dev/null)" = ${copy} ]; }
streams() {
  [ "$($as "$psql" -X -A -t -h /var/run/postgresql -p ${postgresqlPort} -d postgres \
    -c 'SELECT status FROM pg_stat_wal_receiver' </dev/null 2>/dev/null)" = streaming ]
}
status() { curl -q -s -m 5 -o /dev/null -w '%{http_code}' "$1" </dev/null; }
until=$(($(date +%s) + ${watchSeconds}))
while :; do
  if ! same || streams; then exit 0; fi
  [ "$(date +%s)" -lt "$until" ] || break
  sleep 2
done
request=$(cat)
until=$(($(date +%s) + ${BETWEEN_TRIES_SECONDS}))
while :; do
  [ "$(status ${`${leaderUrl}/primary`})" = 200 ] || { echo ${`${leader} does not lead any more`} >&2; exit 1; }
  [ "$(status ${`${url}/primary`})" != 200 ] || { echo 'it leads by now' >&2; exit 1; }
  said=$(printf '%s\n' "$request" | curl -q --config -) && break
  case $said in
  ${TRYING}*) [ "$(date +%s)" -ge "$until" ] || { sleep 1; if ! same || streams; then exit 0; fi; continue; } ;;
  *'already in progress'*) exit 0 ;;
  esac
  printf 'Patroni said: %s\n' "$said" >&2; exit 1
done
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
  deadlineMs: deadlineMsOf,
  meanwhile: (change) => leadPast(change, deadlineMsOf(change)),
};

function deadlineMsOf({ watchSeconds }: ReinitMember): number {
  return (watchSeconds + BETWEEN_TRIES_SECONDS + GONE_SECONDS + 90) * 1000;
}

import { sh, withStdin } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { patroniRequest } from "./patroni-call.ts";

export interface RestartMember {
  readonly kind: "restart-member";
  readonly member: string;
  /** Of the member's REST API, without a path. */
  readonly url: string;
  /** As the member's own Patroni calls it: `master` before Patroni 4. On one with another role nothing restarts. */
  readonly role: "primary" | "master" | "replica";
  /** Restart only what Patroni says waits for it. */
  readonly onlyPending: boolean;
  readonly dataDirectory: string;
  /** The process that is to go, as postmaster.pid has it: one that took its place is left alone. */
  readonly postmaster: string;
  /** How long PostgreSQL may take to start, in seconds. Of a leader that takes longer Patroni makes a replica. */
  readonly startSeconds: number;
}

/** A shutdown writes what is in memory first; Patroni asks for a checkpoint before it. */
const STOP_SECONDS = 300;

/**
 * POST /restart of the member's own Patroni (https://patroni.readthedocs.io/en/latest/rest_api.html#restart-endpoint):
 * it stays up and keeps its vote, and the leader keeps its key. Its answer comes when PostgreSQL is up again. One that
 * takes longer to start has restarted all the same: looks see to the rest.
 */
export const restartMember: HostChangeKind<RestartMember> = {
  kind: "restart-member",
  describe: ({ role }) => `restart PostgreSQL (${role === "replica" ? "replica" : "leader"})`,
  target: ({ member }) => member,
  action: "restart",
  event: "MemberRestarted",
  undoneBy: "service",
  command: ({ url, role, onlyPending, dataDirectory, postmaster, startSeconds }, { credentials }) =>
    withStdin(
      sh`a= b=; { IFS= read -r a; IFS= read -r b; IFS= read -r b; } <${`${dataDirectory}/postmaster.pid`} || true
[ "$a $b" = ${postmaster} ] || exit 0
said=$(curl -q --config -) && exit 0
case $said in *'still starting'*) exit 0 ;; esac
printf 'Patroni said: %s\n' "$said" >&2
exit 1`,
      patroniRequest(
        {
          method: "POST",
          url: `${url}/restart`,
          body: { role, timeout: startSeconds, ...(onlyPending ? { restart_pending: true } : {}) },
          maxSeconds: STOP_SECONDS + startSeconds,
        },
        credentials.restApi,
      ),
    ),
  deadlineMs: ({ startSeconds }) => (STOP_SECONDS + startSeconds + 30) * 1000,
};

import { HAPROXY } from "../desired/services.ts";
import { HAPROXY_BACKENDS } from "../render/haproxy-cfg.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { Meanwhile } from "./change-kind.ts";
import { DRAIN_SERVER } from "./drain-server.ts";
import { LEASE_SECONDS } from "./hold-way.ts";
import { mainPid } from "./systemd.ts";

/** A proxy host whose readers are led past a member. */
export interface Drain {
  readonly host: string;
  /** How long they may take to leave it by themselves. */
  readonly seconds: number;
}

/** Who is worked on meanwhile. */
export interface Drained {
  readonly member: string;
  /** Its REST API. */
  readonly api: { readonly address: string; readonly port: number };
}

/** Readers of a replica that is worked on: the proxies that lead them past it, and its REST API. */
export interface Readers {
  readonly drains: readonly Drain[];
  readonly api: Drained["api"];
}

/** What goes on beside a change of a member that takes so long, where readers leave it before. */
export function leadPast(
  { member, readers }: { readonly member: string; readonly readers?: Readers },
  actMs: number,
): readonly Meanwhile[] {
  return readers === undefined ? [] : readers.drains.map((one) => drain(one, { member, api: readers.api }, actMs));
}

/** Until all is ready: others are waited for, that were away a moment ago. */
const SLACK_SECONDS = 30;

/**
 * Has HAProxy on a host send new readers to other replicas, and waits until those of a member left it: then it is
 * `ready`. Once what is done to the member is over, or nobody gives a sign of life any more, readers come back as soon
 * as it serves. A second process sees to that should the first be killed: it waits for the lock on the lease. Looks are
 * not kept waiting, however long the member takes.
 */
export function drain({ host, seconds }: Drain, { member, api }: Drained, actMs: number): Meanwhile {
  const guard = sh`flock 6; ${server("end", member)} ${HAPROXY.lease}`;
  return {
    host,
    readyMs: (seconds + SLACK_SECONDS) * 1000,
    deadlineMs: (seconds + 2 * SLACK_SECONDS) * 1000 + actMs,
    endsWithAct: true,
    letGo: sh`true`,
    command: {
      ...sh`umask 077; mkdir -p /run/pgha
${PROGRAM}
exec 7>>${HAPROXY.lease}
flock -w ${SLACK_SECONDS / 2} 7 || { echo 'others have readers of HAProxy led past a member still' >&2; exit 75; }
trap '' HUP
trap 'exit 143' TERM INT
${server("end", member)} ${HAPROXY.lease} || true
pid=$(${mainPid(HAPROXY.unit)})
setsid sh -c ${guard.script} 6>>${HAPROXY.lease} 7>&- 8>&- 9>&- </dev/null >/dev/null 2>&1 &
trap ${sh`${server("end", member)} ${HAPROXY.lease}`.script} EXIT
${server("begin", member)} ${HAPROXY.lease} "$pid" ${LEASE_SECONDS} ${seconds} || exit "$?"
echo ready
exec 8>&-
${server("hold", member)} ${HAPROXY.lease} ${LEASE_SECONDS} ${api.address} ${api.port}`,
      display: `(lead readers of HAProxy past ${member})`,
    },
  };
}

/** Ends a drain of pgha's that nobody sees to. Of a HAProxy that was started since, nothing is changed. */
export function endDrain(): Command {
  return sh`${PROGRAM}
exec 7>>${HAPROXY.lease}
flock -w ${SLACK_SECONDS / 2} 7 || exit 0
pid= member= holder=
[ ! -s ${HAPROXY.lease} ] || read -r pid member holder <${HAPROXY.lease}
[ -n "$pid" ] || exit 0
[ "$pid" = "$(${mainPid(HAPROXY.unit)})" ] || { : >${HAPROXY.lease}; exit 0; }
${server("end", "any")} ${HAPROXY.lease}`;
}

/** Told once: it is run several times. */
const PROGRAM = sh`export drain=${DRAIN_SERVER}`;

function server(act: "begin" | "hold" | "end", member: string): Command {
  return sh`perl -e "$drain" -- ${act} ${HAPROXY.socket} ${HAPROXY_BACKENDS.read} ${member}`;
}

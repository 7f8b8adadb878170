import { insideOf } from "../desired/container.ts";
import { PATRONI } from "../desired/services.ts";
import { sh, withStdin } from "../shell/command.ts";
import { findPsqlOf } from "../shell/psql.ts";
import type { HostChangeKind, OnHost } from "./change-kind.ts";
import { drain } from "./drain.ts";
import type { Drain } from "./drain.ts";
import { HOLD_DEADLINE_MS, holdWay, LEASE_SECONDS, letGo } from "./hold-way.ts";
import type { Handover, SwitchWay } from "./hold-way.ts";
import { patroniRequest } from "./patroni-call.ts";

export interface SwitchOver extends Handover {
  readonly kind: "switch-over";
  readonly from: string;
  /** REST API of who leads, without a path. */
  readonly url: string;
  readonly ways: readonly SwitchWay[];
  /** Proxies whose readers leave who is to lead before. */
  readonly drains?: readonly Drain[];
  /** It is for the restart of who led, and comes back as a replica. */
  readonly restarts: boolean;
  /** It ends a restart of members. */
  readonly returns?: true;
}

/** A leader that was not asked for one for long writes all that is in memory. */
const CHECKPOINT_MS = 600_000;
/** Patroni looks once a second whether it is done, twenty times. */
const ANSWER_SECONDS = 30;

/** How long Patroni may take to stop PostgreSQL as it does for a switchover (src/render/before-stop.ts). */
const HANDOVER_SECONDS = 15;

/** How often whoever holds clients is told that somebody is there. */
export const HEARTBEAT_MS = (LEASE_SECONDS * 1000) / 6;

/**
 * Another member leads, by POST /switchover of who leads
 * (https://patroni.readthedocs.io/en/latest/rest_api.html#switchover-and-failover-endpoints), which refuses it where
 * another leads by then. Clients of the poolers wait meanwhile.
 */
export const switchOver: HostChangeKind<SwitchOver> = {
  kind: "switch-over",
  describe: ({ from, to, restarts }) =>
    restarts ? `restart PostgreSQL (leader), ${to} leads instead` : `switch over from ${from} to ${to}`,
  target: ({ to }) => to,
  action: "restart",
  event: "SwitchedOver",
  undoneBy: "service",
  command: ({ url, from, to }, { credentials }) =>
    withStdin(
      sh`${findPsqlOf(insideOf(PATRONI.unit))}
echo "$(($(date +%s) + ${HANDOVER_SECONDS}))" >"$root"${PATRONI.handover}
e=0; curl -q --config - || e=$?
rm -f "$root"${PATRONI.handover}
exit "$e"`,
      patroniRequest(
        { method: "POST", url: `${url}/switchover`, body: { leader: from, candidate: to }, maxSeconds: ANSWER_SECONDS },
        credentials.restApi,
      ),
    ),
  deadlineMs: CHECKPOINT_MS,
  // What has not to be written once clients wait.
  before: ({ from, to }, { postgresqlPort }) =>
    [from, to].map((host): OnHost => ({
      host,
      command: sh`${findPsqlOf(insideOf(PATRONI.unit))}
$as "$psql" -X -q -v ON_ERROR_STOP=1 -h /var/run/postgresql -p ${postgresqlPort} -d postgres -c CHECKPOINT`,
    })),
  meanwhile: (change, material) => [
    ...(change.drains ?? []).map((one) =>
      drain(one, { member: change.to, api: change.api }, HOLD_DEADLINE_MS + ANSWER_SECONDS * 1000),
    ),
    ...change.ways.map((way) => ({
      host: way.host,
      command: holdWay(way, change, material),
      letGo: way.pooler === undefined ? sh`true` : letGo(way.pooler.port),
      deadlineMs: HOLD_DEADLINE_MS,
    })),
  ],
};

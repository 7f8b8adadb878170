import type { Reason } from "../reasons.ts";
import type { ScheduledFact } from "../facts/patroni-scheduled.ts";
import type { FactsOf, MembersWish } from "./member-facts.ts";
import { isPaused } from "./failover.ts";
import type { Blocker, Warning } from "./plan.ts";

/**
 * What a person switched off by hand and may have forgotten: PostgreSQL answers, replicas stream, and yet no failover
 * will happen, or what clients read grows old. pgha does not undo it, it says how.
 */
export function haltedBlockers(
  wish: MembersWish,
  facts: FactsOf,
  { configFile, port }: { readonly configFile: string; readonly port: number },
): readonly Blocker[] {
  const found = (reason: Reason, why: string, wayOut: string, host?: string): Blocker => ({
    resource: wish.resource,
    ...(host === undefined ? {} : { host }),
    scope: "disruptive",
    reason,
    why,
    wayOut,
  });
  const isFollower = wish.members.some(({ name }) => facts(name)?.patroni.dynamicConfig?.["standby_cluster"] != null);
  return [
    ...(isPaused(wish, facts)
      ? [
          found(
            "PatroniPaused",
            "Patroni is paused: no failover will happen, and a member whose PostgreSQL stops is not started again",
            `When the maintenance is over, on any member as root: patronictl -c ${configFile} resume`,
          ),
        ]
      : []),
    ...(isFollower
      ? [
          found(
            "StandbyCluster",
            "standby_cluster is set in Patroni's dynamic configuration, which the spec does not ask for: " +
              "the cluster follows another one and takes no writes",
            `If it is to lead again, on any member as root: patronictl -c ${configFile} edit-config --force ` +
              "--set standby_cluster=null",
          ),
        ]
      : []),
    ...wish.members.flatMap(({ name }) =>
      facts(name)?.sql?.health?.replayPaused === true
        ? [
            found(
              "ReplayPaused",
              "somebody paused the replay of this replica: what it shows to readers grows old, and the " +
                "leader's WAL piles up in it",
              "On that host as root: setpriv --reuid postgres --regid postgres --init-groups -- psql -p " +
                `${port} -d postgres -c 'SELECT pg_wal_replay_resume()'`,
              name,
            ),
          ]
        : [],
    ),
  ];
}

/** A switchover or a restart that somebody asked for at a later moment: nobody should be surprised by it. */
export function scheduledWarnings(
  wish: MembersWish,
  facts: FactsOf,
  { configFile, scope }: { readonly configFile: string; readonly scope: string },
): readonly Warning[] {
  return scheduledIn(wish, facts).map(({ what, flush }) => ({
    resource: wish.resource,
    reason: "ActionScheduled",
    message:
      `Patroni was asked for ${what}; to take it back, on any member as root: patronictl -c ` +
      `${configFile} flush ${scope} ${flush} --force`,
  }));
}

/** All members tell the same; one of them may not have read it yet. */
export function scheduledIn(wish: MembersWish, facts: FactsOf): readonly ScheduledFact[] {
  const all = wish.members.flatMap(({ name }) => facts(name)?.patroni.scheduled ?? []);
  return [...new Map(all.map((scheduled) => [scheduled.what, scheduled])).values()];
}

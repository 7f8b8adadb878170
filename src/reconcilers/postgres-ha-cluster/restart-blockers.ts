import type { Plan } from "../../plan/plan.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";

/** Settings that need a restart are set but not in force; restarting members is a person's decision for now. */
export function restartBlockers(desired: DesiredCluster, looks: ClusterLooks): Plan["blockers"] {
  return desired.members.flatMap((member): Plan["blockers"] => {
    const look = looks.get(member.name);
    if (look?.seen !== true || look.facts.patroni.member?.pendingRestart !== true) return [];
    const settings = look.facts.sql?.pendingRestartSettings ?? [];
    return [
      {
        resource: desired.resolved.name,
        host: member.name,
        scope: "host",
        reason: "PendingRestart",
        why: `PostgreSQL needs a restart for ${settings.length === 0 ? "changed settings" : settings.join(", ")} to take effect`,
        wayOut: `Replicas first, then the leader: patronictl -c /etc/patroni/config.yml restart ${desired.scope} ${member.name} --pending`,
      },
    ];
  });
}

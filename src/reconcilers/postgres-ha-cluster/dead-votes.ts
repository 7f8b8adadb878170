import { dataDirectoryOf } from "../../api/index.ts";
import { PATRONI } from "../../desired/services.ts";
import { NOTICES, noticing } from "../../plan/notices.ts";
import type { RestartSeen } from "../../plan/operations/restart.ts";
import type { Way } from "../../plan/operations/switchover.ts";
import type { Step } from "../../plan/plan.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";
import { anotherServes, readersLeave } from "./readers.ts";
import { factsOf } from "./restart-seen.ts";
import { apiOf } from "./switchovers.ts";

/**
 * Replicas whose node of the DCS ended while their Patroni goes on, as one does that cannot write its journal: the
 * others do not hear it, and it does not say a word itself. It hears of nothing new, counts for no quorum, and does
 * not come back before its Patroni starts anew. No vote is lost by that. One that answers is cut off by the network:
 * there a restart would mend nothing. Without a quorum nobody leads, and it may be for want of these.
 */
export function deadVotes(
  desired: DesiredCluster,
  looks: ClusterLooks,
  seen: RestartSeen,
  ways: readonly Way[],
): readonly Step[] {
  const { name: resource, cluster, dcs } = desired.resolved;
  if (seen.isPaused) return [];
  const isHeard = (name: string): boolean => seen.voters?.certain === true && !seen.unheard.includes(name);
  return seen.members.flatMap(({ name, leads, state }): readonly Step[] => {
    const facts = factsOf(looks, name);
    const isDead = facts?.dcs.silent === true && facts.patroni.answers && !isHeard(name);
    // One without data is about to get some, which a restart would begin anew.
    if (leads || !isDead || facts.dataDirectory.class !== "valid") return [];
    const others = anotherServes(seen, name);
    const { drains, leave } = readersLeave(state === "up" ? ways : [], others);
    return [
      {
        id: `${name}/${resource}/revive ${PATRONI.unit}`,
        resource,
        host: name,
        stage: "services",
        ...noticing("none", state === "up" ? [NOTICES.replicaRestarts(leave)] : []),
        because: `its ${dcs.words.title} node ended while Patroni goes on: it has no vote, and hears of nothing new`,
        budget: { group: `members of ${resource}`, atMost: 1, away: [] },
        change: {
          kind: "restart-member",
          member: name,
          url: desired.restApiUrl(name),
          role: "replica",
          onlyPending: false,
          dataDirectory: dataDirectoryOf(cluster),
          // As the command reads it where none runs.
          postmaster: facts.dataDirectory.postmaster ?? " ",
          unit: PATRONI.unit,
          ...(drains.length === 0 ? {} : { readers: { drains, api: apiOf(desired, name) } }),
          startSeconds: cluster.spec.patroni.primaryStartTimeout,
        },
      },
    ];
  });
}

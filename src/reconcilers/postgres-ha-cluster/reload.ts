import { PATRONI } from "../../desired/services.ts";
import { patroniTimingOf } from "../../api/index.ts";
import type { PatroniProof } from "../../changes/reload-unit.ts";
import type { MembersPlan } from "../../plan/members.ts";
import { noticing } from "../../plan/notices.ts";
import type { Step } from "../../plan/plan.ts";
import { unreadFiles, whyUnread } from "../../plan/services.ts";
import { PATRONI_DIGEST_TAG } from "../../render/patroni-yml.ts";
import type { DesiredCluster } from "./desire.ts";
import { hbaNotices } from "./hba-notices.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";

/**
 * Reload where the running Patroni shows another configuration than the desired one, or its file is another than it is
 * known to have read.
 */
export function reloadSteps(desired: DesiredCluster, looks: ClusterLooks, life: MembersPlan): readonly Step[] {
  const { version } = desired.resolved.cluster.spec.postgresql;
  return desired.members.flatMap((member): Step[] => {
    const look = looks.get(member.name);
    const loaded = look?.seen === true ? look.facts.patroni.member?.tags[PATRONI_DIGEST_TAG] : undefined;
    if (look?.seen !== true || loaded === undefined || life.steps.some((step) => step.host === member.name)) return [];
    const isLoaded = loaded === member.service.loadedMark;
    const unread = unreadFiles(member.service, look.facts);
    if (isLoaded && unread.length === 0) return [];
    return [
      {
        id: `${member.name}/${desired.resolved.name}/reload ${PATRONI.unit}`,
        resource: desired.resolved.name,
        host: member.name,
        stage: "services",
        ...noticing("reload", hbaNotices(member.hba, version, look.facts.sql?.hba)),
        change: {
          kind: "reload-unit",
          unit: PATRONI.unit,
          reads: PATRONI.reads,
          proof: reloadProof(desired, member, look.facts),
        },
        because: isLoaded ? whyUnread(unread) : "Patroni runs with another configuration than the spec asks for",
      },
    ];
  });
}

/**
 * A round of Patroni's loop is over within ttl, or the leader would lose its key; one that goes well, within loop_wait
 * and retry_timeout. What counts is what is in force.
 */
function reloadProof(
  desired: DesiredCluster,
  member: DesiredCluster["members"][number],
  facts: ClusterFacts,
): PatroniProof {
  const { ttl, loopWait, retryTimeout } = patroniTimingOf(desired.resolved.cluster);
  const inForce = (name: string, declared: number): number => {
    const value = Number(facts.patroni.dynamicConfig?.[name]);
    return Number.isFinite(value) ? value : declared;
  };
  return {
    kind: "patroni",
    url: `${desired.restApiUrl(member.name)}/patroni`,
    tag: PATRONI_DIGEST_TAG,
    value: member.service.loadedMark,
    withinSeconds: inForce("ttl", ttl) + 10,
    roundSeconds: inForce("loop_wait", loopWait) + inForce("retry_timeout", retryTimeout),
  };
}

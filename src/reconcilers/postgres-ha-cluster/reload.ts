import { PATRONI } from "../../desired/services.ts";
import type { PatroniProof } from "../../changes/reload-unit.ts";
import type { MembersPlan } from "../../plan/members.ts";
import { noticing } from "../../plan/notices.ts";
import type { Step } from "../../plan/plan.ts";
import { PATRONI_DIGEST_TAG } from "../../render/patroni-yml.ts";
import type { DesiredCluster } from "./desire.ts";
import { hbaNotices } from "./hba-notices.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";

/** Reload where the running Patroni shows another configuration than the desired one: never because a file changed. */
export function reloadSteps(desired: DesiredCluster, looks: ClusterLooks, life: MembersPlan): readonly Step[] {
  const { version } = desired.resolved.cluster.spec.postgresql;
  return desired.members.flatMap((member): Step[] => {
    const look = looks.get(member.name);
    const loaded = look?.seen === true ? look.facts.patroni.member?.tags[PATRONI_DIGEST_TAG] : undefined;
    if (
      look?.seen !== true ||
      loaded === undefined ||
      loaded === member.service.loadedMark ||
      life.steps.some((step) => step.host === member.name)
    )
      return [];
    return [
      {
        id: `${member.name}/${desired.resolved.name}/reload ${PATRONI.unit}`,
        resource: desired.resolved.name,
        host: member.name,
        stage: "services",
        ...noticing("reload", hbaNotices(member.hba, version, look.facts.sql?.hba)),
        change: { kind: "reload-unit", unit: PATRONI.unit, proof: reloadProof(desired, member, look.facts) },
        because: "Patroni runs with another configuration than the spec asks for",
      },
    ];
  });
}

/** A round of Patroni's loop is over within ttl, or the leader would lose its key. What counts is the one in force. */
function reloadProof(
  desired: DesiredCluster,
  member: DesiredCluster["members"][number],
  facts: ClusterFacts,
): PatroniProof {
  const inForce = Number(facts.patroni.dynamicConfig?.["ttl"]);
  const ttl = Number.isFinite(inForce) ? inForce : desired.resolved.cluster.spec.patroni.ttl;
  return {
    kind: "patroni",
    url: `${desired.restApiUrl(member.name)}/patroni`,
    tag: PATRONI_DIGEST_TAG,
    value: member.service.loadedMark,
    withinSeconds: ttl + 10,
  };
}

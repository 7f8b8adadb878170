import { SYSTEM_ID } from "../../credentials/index.ts";
import type { MembersPlan } from "../../plan/members.ts";
import type { Plan } from "../../plan/plan.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";

/**
 * Secrets outlive the resource they were made for, and one of the same name finds them. They are right for the data
 * they were made for: on hosts without it nothing is bootstrapped over passwords that are the only copy, and hosts with
 * other data are not given them.
 */
export function otherData(desired: DesiredCluster, looks: ClusterLooks, life: MembersPlan): Plan["blockers"] {
  const { name, recorded, secrets } = desired.resolved;
  const leader = life.leader === undefined ? undefined : looks.get(life.leader);
  const here = recorded.systemId ?? (leader?.seen === true ? leader.facts.patroni.member?.systemId : undefined);
  const others = [...secrets.ofData].filter((systemId) => systemId !== here);
  if (others.length === 0 || (here === undefined && life.life !== "absent")) return [];
  const found = here === undefined ? "these hosts hold none" : `these hosts hold that of ${here}`;
  return [
    {
      resource: name,
      scope: "everything",
      reason: "SecretsOfOtherData",
      why:
        "the Secrets of this name hold the passwords of the data with system identifier " +
        `${others.join(", ")}, and ${found}`,
      wayOut:
        "Declare the hosts that hold that data, or another name for this cluster. Only if that data is " +
        "given up: delete the Secrets, or go on with the same passwords by taking the annotation " +
        `${SYSTEM_ID} off them.`,
    },
  ];
}

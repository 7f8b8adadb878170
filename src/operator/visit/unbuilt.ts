import type { Plan } from "../../plan/plan.ts";
import { healsByItself } from "../../reasons.ts";
import type { Refusal } from "../status/unlooked.ts";

/** Nothing of the resource could be planned: its references are not all there. */
export function unbuilt({ plan }: { readonly plan: Pick<Plan, "blockers"> }): Refusal {
  const [blocker] = plan.blockers;
  if (blocker === undefined)
    return {
      reason: "CredentialsUnusable",
      message: "the Secrets of its PostgresHACluster cannot be used; waiting for them to be mended",
      heals: true,
      awaits: "Secrets that can be used",
      about: "CredentialsReady",
    };
  const { reason, why, wayOut } = blocker;
  const awaits = AWAITED.get(reason);
  return {
    reason,
    message: `${why}. ${wayOut}`.trim(),
    heals: healsByItself(reason),
    ...(awaits === undefined ? {} : { awaits }),
    about: reason.startsWith("Secret") ? "CredentialsReady" : undefined,
  };
}

/** What a reference names and somebody may still make, by what is found without it. */
const AWAITED: ReadonlyMap<string, string> = new Map([
  ["ClusterNotFound", "its PostgresHACluster"],
  ["TargetNotFound", "a resource that spec.targets names"],
  ["HAProxyPoolNotFound", "an HAProxyPool to go through"],
]);

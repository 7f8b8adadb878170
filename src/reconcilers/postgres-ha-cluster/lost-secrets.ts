import { PATRONI } from "../../desired/services.ts";
import type { CredentialPurpose } from "../../credentials/wish.ts";
import type { Plan } from "../../plan/plan.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";

/** What PostgreSQL, Patroni and the DCS on the members hold as well: made anew here, it would fit none of them. */
const HELD_BY_MEMBERS: ReadonlySet<CredentialPurpose> = new Set<CredentialPurpose>([
  "superuser",
  "replication",
  "rewind",
  "restApi",
  "dcs",
]);

/**
 * A cluster that holds data, and whose own Secrets are not here: one was removed, the state folder was lost, or this is
 * another one. With new passwords in their files, members would go on until their next restart, and then not get back
 * in.
 */
export function lostSecrets(desired: DesiredCluster, looks: ClusterLooks): Plan["blockers"] {
  const { secretSteps, secretWishes, name } = desired.resolved;
  const held = new Set(secretWishes.filter((wish) => HELD_BY_MEMBERS.has(wish.purpose)).map((wish) => wish.name));
  const lost = secretSteps.flatMap(({ change }) =>
    change.kind === "write-secret" && change.how === "generate" && held.has(change.secret) ? [change.secret] : [],
  );
  if (lost.length === 0 || !hasData(desired, looks)) return [];
  const holders = holdersOf(looks);
  const where = holders.length === 0 ? "this cluster holds data" : `${holders.join(", ")} hold data of a cluster`;
  const isAll = lost.length === held.size;
  const back = isAll
    ? "the Secrets back from a backup of the namespace or of the state folder"
    : `${lost.join(", ")} back`;
  return [
    {
      resource: name,
      scope: "everything",
      reason: isAll ? "SecretsLost" : "SecretGone",
      why: `${where}, and the Secrets with its passwords are not here: ${lost.join(", ")}; new ones would not fit`,
      wayOut: `Put ${back}, or make them from ${PATRONI.config} of a member: docs/operations.md, SecretsLost.`,
    },
  ];
}

/** Whether there is a cluster that has passwords already, as far as is known: nobody has to answer for that. */
export function hasData(desired: DesiredCluster, looks: ClusterLooks): boolean {
  return desired.resolved.recorded.systemId !== undefined || holdersOf(looks).length > 0;
}

function holdersOf(looks: ClusterLooks): readonly string[] {
  return [...looks.values()].flatMap((look) =>
    look.seen && look.facts.dataDirectory.class === "valid" ? [look.host] : [],
  );
}

import { isOfPooler, keepVerifiers, lookOf } from "../../credentials/index.ts";
import type { SecretsByName, Sensitive } from "../../credentials/index.ts";
import { sha256 } from "../../render/digest.ts";
import type { SecretsToKeep } from "../reconciler.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";
import { isPrimary } from "../../plan/member-facts.ts";
import { memberLooks } from "./members.ts";

/** What is put back into Secrets without anybody noticing, and the verifiers that this look saw in force. */
export function secretsToKeep(desired: DesiredCluster, looks: ClusterLooks): SecretsToKeep {
  const { secrets } = desired.resolved;
  const inForce = newlyInForce(desired, looks);
  const [first] = secrets.wishes;
  return {
    restored: secrets.restorable.map(({ wish: { username }, before, after }) => ({
      secret: after,
      username,
      look: lookOf(before) === lookOf(after) ? undefined : lookOf(before),
    })),
    own: (filled) =>
      first === undefined || inForce.size + filled.size === 0
        ? undefined
        : keepVerifiers(first, secrets.existing, { inForce, filled }),
  };
}

/**
 * A role's verifier once PostgreSQL was seen to hold it. Those of the cluster's own users PostgreSQL has under a salt
 * of its own: theirs is kept the first time that a leader is seen, and stays.
 */
function newlyInForce(desired: DesiredCluster, looks: ClusterLooks): ReadonlyMap<string, Sensitive> {
  const { secrets } = desired.resolved;
  const leader = [...memberLooks(looks).values()].find((look) => look.seen && isPrimary(look.facts));
  const roles = leader?.seen === true ? leader.facts.sql?.roles : undefined;
  if (roles === undefined) return new Map();
  const found = secrets.wishes.flatMap((wish): readonly (readonly [string, Sensitive])[] => {
    const { username, purpose } = wish;
    const verifier = verifierIn(secrets.existing, wish.name);
    const before = secrets.kept.inForce.get(username);
    if (verifier === undefined || !wish.verifier || before?.reveal() === verifier.reveal()) return [];
    if (purpose === "role") {
      const held = roles.find(({ name }) => name === username)?.verifierDigest;
      return held === digest(verifier) ? [[username, verifier]] : [];
    }
    return before === undefined || isOfPooler(purpose) ? [[username, verifier]] : [];
  });
  return new Map(found);
}

function verifierIn(secrets: SecretsByName, name: string): Sensitive | undefined {
  return secrets.get(name)?.data["verifier"];
}

/** As the SQL fact computes it on the host. */
function digest(verifier: Sensitive): string {
  return sha256(verifier.reveal());
}

import { PATRONI } from "../desired/services.ts";
import { verifierMatches } from "../credentials/index.ts";
import type { KeptVerifiers, SecretWish, SecretsByName } from "../credentials/index.ts";
import type { Problem } from "../errors.ts";

/**
 * The cluster's own passwords stand in PostgreSQL and in Patroni's file on every member. Another one in the Secret
 * alone would be written to the files and fit PostgreSQL nowhere: replicas would not get back in after their next
 * restart.
 */
export function keptProblems(
  wishes: readonly SecretWish[],
  stored: SecretsByName,
  existing: SecretsByName,
  { inForce }: KeptVerifiers,
): readonly Problem[] {
  return wishes.flatMap((wish): readonly Problem[] => {
    const password = existing.get(wish.name)?.data["password"];
    const verifier = inForce.get(wish.username);
    // A verifier that does not fit is a finding of its own.
    if (!OWN.has(wish.purpose) || password === undefined || verifier === undefined) return [];
    if (verifierMatches(verifier, password) || stored.get(wish.name)?.data["verifier"] !== undefined) return [];
    return [
      {
        resource: `Secret/${wish.name}`,
        path: "data.password",
        message: `is not the password that the cluster has for the ${wish.title}`,
        wayOut:
          `put the former password back: it is in ${PATRONI.config} on every member. A new one for ` +
          "the cluster's own users is not set by pgha yet",
      },
    ];
  });
}

const OWN: ReadonlySet<SecretWish["purpose"]> = new Set(["superuser", "replication", "rewind"] as const);

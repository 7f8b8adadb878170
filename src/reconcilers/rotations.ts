import type { PostgresHACluster } from "../api/index.ts";
import { isControlled, madeFor } from "../credentials/index.ts";
import type { SecretWish, SecretsByName } from "../credentials/index.ts";

/**
 * For which Secrets a new password is made because a person asked for it, and why it is not for the others. One that
 * a person or another program keeps is changed there.
 */
export function rotations(
  cluster: PostgresHACluster,
  wishes: readonly SecretWish[],
  existing: SecretsByName,
  asked: readonly string[],
): { readonly wishes: readonly SecretWish[]; readonly warnings: readonly string[] } {
  const judged = asked.map((role) => {
    const wish = wishes.find((candidate) => candidate.purpose === "role" && candidate.username === role);
    const secret = wish === undefined ? undefined : existing.get(wish.name);
    if (wish === undefined)
      return { warning: `a new password was asked for ${role}, which is ${whatIs(role, wishes)}` };
    const isOurs = secret === undefined || (madeFor(secret) === cluster.metadata.name && !isControlled(secret));
    return isOurs
      ? { wish }
      : {
          warning:
            `a new password was asked for ${role}, whose Secret ${wish.name} is not of pgha's making: ` +
            "write the new password there, and it is set",
        };
  });
  return {
    wishes: judged.flatMap(({ wish }) => wish ?? []),
    warnings: judged.flatMap(({ warning }) => warning ?? []),
  };
}

function whatIs(role: string, wishes: readonly SecretWish[]): string {
  return wishes.some(({ username }) => username === role)
    ? "a user of the cluster itself: pgha sets no new password for those yet"
    : "no role of spec.roles that logs in";
}

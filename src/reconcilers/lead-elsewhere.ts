import type { PostgresHACluster } from "../api/index.ts";
import { ENDPOINT_KEYS, isOthers } from "../credentials/index.ts";
import type { KeptVerifiers, SecretWish, SecretsByName } from "../credentials/index.ts";
import type { Warning } from "../plan/plan.ts";

/**
 * Secrets that say where to log in, wrongly by now, and into which nothing is written: who keeps them has to mend that.
 */
export function leadElsewhere(
  cluster: PostgresHACluster,
  wishes: readonly SecretWish[],
  stored: SecretsByName,
  existing: SecretsByName,
  kept: KeptVerifiers,
): readonly Warning[] {
  return wishes.flatMap((wish): readonly Warning[] => {
    const [found, counts] = [stored.get(wish.name), existing.get(wish.name)];
    if (found === undefined || counts === undefined || wish.endpoint === undefined) return [];
    if (!isOthers(wish, found, kept)) return [];
    const other = ENDPOINT_KEYS.filter(
      (key) => found.data[key] !== undefined && found.data[key].reveal() !== counts.data[key]?.reveal(),
    );
    if (other.length === 0) return [];
    const { host, port, dbname } = wish.endpoint;
    return [
      {
        resource: `PostgresHACluster/${cluster.metadata.name}`,
        reason: "SecretKeptElsewhere",
        message:
          `what the Secret ${wish.name} says of where to log in is out of date (${other.join(", ")}), ` +
          `and another program keeps it: have it say there host ${host}, port ${port}, database ${dbname}, ` +
          "and the uri with the password that is in it, or leave those keys out",
      },
    ];
  });
}

import { desiredSecrets, wantedKeys } from "../../credentials/index.ts";
import type { World } from "../../reconcilers/world.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { Admitted } from "./admit.ts";

/**
 * A pool uses the accounts of its cluster, whose own visits make them. Planned before they exist, a pool would be given
 * passwords that nobody keeps.
 */
export async function waitForCredentials({ resource, stack }: Admitted, world: World): Promise<Refusal | undefined> {
  const [cluster] = stack.clusters;
  if (resource.kind === "PostgresHACluster" || cluster === undefined) return undefined;
  const secrets = await world.secrets();
  const isThere = (name: string, keys: readonly string[]): boolean =>
    keys.every((key) => secrets.get(name)?.data[key] !== undefined);
  const wishes = desiredSecrets(cluster, { haproxy: stack.haproxyPools, pgbouncer: stack.pgbouncerPools });
  if (wishes.every((wish) => isThere(wish.name, wantedKeys(wish)))) return undefined;
  const { name } = cluster.metadata;
  return {
    reason: "CredentialsPending",
    message: `not all Secrets of the PostgresHACluster ${name} are made yet; waiting for them`,
    heals: true,
    about: "CredentialsReady",
  };
}

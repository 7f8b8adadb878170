import { desiredSecrets, keptVerifiers, refreshedSecrets, wantedKeys } from "../../credentials/index.ts";
import type { SecretWish } from "../../credentials/index.ts";
import type { World } from "../../reconcilers/world.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { Admitted } from "./admit.ts";

/**
 * What the pools of a stack wait for. A pool uses the accounts of its cluster, whose own visits make them. Planned
 * before they exist, a pool would be given passwords that nobody keeps. From when PostgreSQL was seen, a role that lost
 * its Secret, or is new, keeps nobody else from being served.
 */
export async function waitForCredentials(stack: Admitted["stack"], world: World): Promise<Refusal | undefined> {
  const [cluster] = stack.clusters;
  if (cluster === undefined) return undefined;
  const { name } = cluster.metadata;
  const stored = await world.secrets();
  const kept = keptVerifiers(name, stored);
  const wishes = desiredSecrets(cluster, { haproxy: stack.haproxyPools, pgbouncer: stack.pgbouncerPools });
  const secrets = refreshedSecrets(wishes, stored, kept);
  const isNeeded = ({ purpose, name: secret }: SecretWish): boolean =>
    !kept.exist || (purpose === "role" ? secrets.has(secret) : purpose === "pgbouncerAdmin");
  const isThere = (wish: SecretWish): boolean =>
    wantedKeys(wish).every((key) => secrets.get(wish.name)?.data[key] !== undefined);
  // A role whose password was changed has its verifier by and by; the one in force is served until then.
  const isChanging = ({ username }: SecretWish): boolean => kept.inForce.has(username);
  if (wishes.filter(isNeeded).every((wish) => isThere(wish) || isChanging(wish))) return undefined;
  return {
    reason: "CredentialsPending",
    message: `not all Secrets of the PostgresHACluster ${name} are made yet; waiting for them`,
    heals: true,
    awaits: `the Secrets of PostgresHACluster ${name}`,
    about: "CredentialsReady",
  };
}

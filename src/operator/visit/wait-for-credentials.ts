import { clusterSecrets } from "../../reconcilers/secrets.ts";
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
  const found = clusterSecrets(cluster, { haproxy: stack.haproxyPools, pgbouncer: stack.pgbouncerPools }, await world.secrets());
  const { name } = cluster.metadata;
  if (found.credentials === undefined) {
    return { reason: "CredentialsUnusable", message: `the Secrets of the PostgresHACluster ${name} cannot be used; waiting for them to be mended`, heals: true, about: "CredentialsReady" };
  }
  if (found.steps.length === 0) return undefined;
  return { reason: "CredentialsPending", message: `not all Secrets of the PostgresHACluster ${name} are made yet; waiting for them`, heals: true, about: "CredentialsReady" };
}

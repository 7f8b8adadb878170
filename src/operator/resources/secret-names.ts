import { placesOf } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import { desiredSecrets, verifiersSecretName } from "../../credentials/index.ts";
import { resourcesOf } from "../../reconcilers/stack.ts";
import type { Stack } from "../../reconcilers/stack.ts";

/** Names of all Secrets that a stack refers to, in its own namespace: accounts, and keys to log in to its hosts. */
export function secretNamesOf(stack: Stack): ReadonlySet<string> {
  const pools = { haproxy: stack.haproxyPools, pgbouncer: stack.pgbouncerPools };
  return new Set([
    ...stack.clusters.flatMap((cluster) => [
      ...desiredSecrets(cluster, pools).map((wish) => wish.name),
      verifiersSecretName(cluster.metadata.name),
    ]),
    ...resourcesOf(stack).flatMap(sshKeyNamesOf),
    ...[...stack.clusters, ...stack.haproxyPools, ...stack.pgbouncerPools].flatMap(
      ({ spec }) => spec.container?.image.pullSecretRef?.name ?? [],
    ),
  ]);
}

/** Names of the Secrets with the keys that a resource's hosts and bastions are logged in to with. */
export function sshKeyNamesOf(resource: Resource): readonly string[] {
  const names = placesOf(resource).flatMap(({ host, of: { spec } }) => [
    spec.ssh.privateKeySecretRef.name,
    ...[spec.ssh.bastion, host.ssh?.bastion].flatMap((bastion) => bastion?.privateKeySecretRef?.name ?? []),
  ]);
  return [...new Set(names)];
}

import { desiredSecrets, verifiersSecretName } from "../../credentials/index.ts";
import { isConflict } from "../../runtime/api-error.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import { recordOf } from "../../state/kube-record.ts";
import { disownSecrets, markSecrets } from "../../state/kube-secrets.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import type { Admitted } from "./admit.ts";
import type { VisitParts } from "./parts.ts";

/**
 * Secrets that an earlier version bound to their cluster are freed at the first visit, whatever else is to be said of
 * it: nothing can be done any more once Kubernetes deletes it in the foreground.
 */
export async function freeSecrets(live: LiveResource, { client, known }: VisitParts): Promise<void> {
  const { metadata } = live.current();
  if (live.type.kind !== "PostgresHACluster") return;
  const owned = known.secretsOwnedBy(keyOf({ metadata }));
  await disownSecrets(client, owned, metadata.name).catch((error: unknown) => {
    // The watch is behind: seen to at the next visit, before this one is deleted in any case.
    if (!isConflict(error)) throw error;
  });
}

/**
 * A Secret says whose passwords it holds as soon as that is known: it outlives the resource, and another may take its
 * name.
 */
export async function nameData({ resource, stack }: Admitted, live: LiveResource, parts: VisitParts): Promise<void> {
  const { namespace = "", name } = live.current().metadata;
  const { systemId } = recordOf(live.current().status);
  if (resource.kind !== "PostgresHACluster" || systemId === undefined) return;
  const wishes = desiredSecrets(resource, { haproxy: stack.haproxyPools, pgbouncer: stack.pgbouncerPools });
  const names = [...wishes.map((wish) => wish.name), verifiersSecretName(name)];
  const known = names.flatMap((secret) => parts.known.secret(`${namespace}/${secret}`) ?? []);
  await markSecrets(parts.client, known, name, systemId);
}

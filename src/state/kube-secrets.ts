import type { SecretDocument as WrittenSecret } from "../api/secret-document.ts";
import { GROUP } from "../api/index.ts";
import { isOfData, madeFor, readSecretDocument, SYSTEM_ID } from "../credentials/index.ts";
import type { SecretDocument } from "../credentials/index.ts";
import { InvalidInputError } from "../errors.ts";
import { oncePer } from "../keep-last.ts";
import type { ApiClient } from "../runtime/api-client.ts";
import { isConflict, isNotFound } from "../runtime/api-error.ts";
import { keyOf, objectPath } from "../runtime/kube-object.ts";
import type { KubeObject, OwnerReference, ResourceType } from "../runtime/kube-object.ts";

export const SECRETS: ResourceType = { group: "", version: "v1", plural: "secrets", kind: "Secret" };

/** A Secret as the API server sends it. */
export interface KubeSecret extends KubeObject {
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * The named Secrets of a namespace that exist: from what is watched, and those that are not known there from the API
 * server itself, one by one, since a Secret that was made a moment ago, or is of another type, is not seen by a watch.
 */
export async function readKubeSecrets(
  client: ApiClient,
  namespace: string,
  names: Iterable<string>,
  watched: (key: string) => KubeSecret | undefined,
): Promise<ReadonlyMap<string, KubeSecret>> {
  const found = await Promise.all(
    [...new Set(names)].map(async (name) => {
      const key = `${namespace}/${name}`;
      return (
        watched(key) ??
        ((await client.request({ method: "GET", path: objectPath(SECRETS, key) }).catch(undefinedIfNotFound)) as
          | KubeSecret
          | undefined)
      );
    }),
  );
  return new Map(found.flatMap((secret) => (secret === undefined ? [] : [[secret.metadata.name, secret] as const])));
}

/**
 * What is in it. Throws InvalidInputError for what is no text. A watched Secret is one object until it changes: decoded
 * once.
 */
export const decodeKubeSecret = oncePer((secret: KubeSecret): SecretDocument => {
  const { secret: document, problems } = readSecretDocument({
    ...secret,
    apiVersion: "v1",
    kind: "Secret",
  } as WrittenSecret);
  if (document === undefined) throw new InvalidInputError(problems);
  const isControlled = (secret.metadata.ownerReferences ?? []).some((owner) => owner.controller && !isOurs(owner));
  return isControlled ? { ...document, controlled: true } : document;
});

/**
 * Takes the cluster off the Secrets that it owns. An earlier version made it their owner, and then Kubernetes deletes
 * them with it, a foreground deletion even before a finalizer is heard. They hold the only copy of passwords that the
 * data outlives: no Secret has an owner of ours. By name, since an owner that is gone deletes what is restored.
 * Conflicts are to be tried again soon.
 */
export async function disownSecrets(
  client: ApiClient,
  secrets: Iterable<KubeSecret>,
  cluster: string,
): Promise<readonly string[]> {
  const freed: string[] = [];
  for (const { metadata } of secrets) {
    const owners = metadata.ownerReferences ?? [];
    const ownerReferences = owners.filter((owner) => !isOurs(owner) || owner.name !== cluster);
    if (ownerReferences.length === owners.length) continue;
    await patchMetadata(client, metadata, { ownerReferences });
    freed.push(metadata.name);
  }
  return freed;
}

/**
 * Whose passwords are in them: those of the data with this identifier, whatever resource declares it by and by. Said
 * once.
 */
export async function markSecrets(
  client: ApiClient,
  secrets: Iterable<KubeSecret>,
  cluster: string,
  systemId: string,
): Promise<void> {
  for (const { metadata } of secrets) {
    const { labels = {}, annotations = {} } = metadata;
    if (madeFor({ labels }) !== cluster || annotations[SYSTEM_ID] !== undefined) continue;
    await patchMetadata(client, metadata, { annotations: { [SYSTEM_ID]: systemId } }).catch(ignoreConflict);
  }
}

/**
 * Deletes what pgha made for a cluster whose data is gone; never what a person made, nor what belongs to other data.
 */
export async function deleteSecrets(
  client: ApiClient,
  secrets: Iterable<KubeSecret>,
  cluster: string,
  systemId: string | undefined,
): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const { metadata } of secrets) {
    const { labels = {}, annotations = {}, uid, resourceVersion } = metadata;
    if (madeFor({ labels }) !== cluster || !isOfData(annotations, systemId)) continue;
    const request = { method: "DELETE", path: objectPath(SECRETS, keyOf({ metadata })) } as const;
    await client.request({ ...request, body: { preconditions: { uid, resourceVersion } } }).catch(undefinedIfNotFound);
    deleted.push(metadata.name);
  }
  return deleted;
}

/** Names of the clusters that own a Secret. */
export function ownersOf({ metadata }: KubeSecret): readonly string[] {
  return (metadata.ownerReferences ?? []).filter(isOurs).map(({ name }) => name);
}

function isOurs({ apiVersion, kind }: OwnerReference): boolean {
  return apiVersion.startsWith(`${GROUP}/`) && kind === "PostgresHACluster";
}

async function patchMetadata(client: ApiClient, metadata: KubeSecret["metadata"], change: object): Promise<void> {
  const { resourceVersion } = metadata;
  await client.request({
    method: "PATCH",
    path: objectPath(SECRETS, keyOf({ metadata })),
    body: { metadata: { resourceVersion, ...change } },
  });
}

/** Somebody was quicker, or the watch is behind: the next visit sees to it. */
function ignoreConflict(error: unknown): void {
  if (!isConflict(error) && !isNotFound(error)) throw error;
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
  return undefined;
}

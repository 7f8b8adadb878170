import type { SecretDocument as WrittenSecret } from "../api/secret-document.ts";
import { readSecretDocument } from "../credentials/index.ts";
import type { SecretDocument } from "../credentials/index.ts";
import { InvalidInputError } from "../errors.ts";
import { oncePer } from "../keep-last.ts";
import type { ApiClient } from "../runtime/api-client.ts";
import { isNotFound } from "../runtime/api-error.ts";
import { keyOf, objectPath } from "../runtime/kube-object.ts";
import type { KubeObject, ResourceType } from "../runtime/kube-object.ts";

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

/** What is in it. Throws InvalidInputError for what is no text. A watched Secret is one object until it changes: decoded once. */
export const decodeKubeSecret = oncePer((secret: KubeSecret): SecretDocument => {
  const { secret: document, problems } = readSecretDocument({
    ...secret,
    apiVersion: "v1",
    kind: "Secret",
  } as WrittenSecret);
  if (document === undefined) throw new InvalidInputError(problems);
  return document;
});

/** Takes an owner off the Secrets that it owns, so that they outlive it. Conflicts are to be tried again soon. */
export async function disownSecrets(client: ApiClient, secrets: Iterable<KubeSecret>, ownerUid: string): Promise<void> {
  for (const { metadata } of secrets) {
    const owners = metadata.ownerReferences ?? [];
    if (!owners.some((owner) => owner.uid === ownerUid)) continue;
    const ownerReferences = owners.filter((owner) => owner.uid !== ownerUid);
    const { resourceVersion } = metadata;
    await client.request({
      method: "PATCH",
      path: objectPath(SECRETS, keyOf({ metadata })),
      body: { metadata: { resourceVersion, ownerReferences } },
    });
  }
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
  return undefined;
}

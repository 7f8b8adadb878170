import type { BaselineStatus, ClusterStatus, HAProxyStatus, PgBouncerStatus } from "../api/index.ts";
import { PghaError } from "../errors.ts";
import type { ApiClient, ApiRequest } from "../runtime/api-client.ts";
import { isNotFound } from "../runtime/api-error.ts";
import { keyOf, objectPath } from "../runtime/kube-object.ts";
import { complete } from "../runtime/list-objects.ts";
import type { KubeObject, ResourceType } from "../runtime/kube-object.ts";
import { isSameJson } from "./same-json.ts";

/** What any of the kinds keeps in its status. */
export type StoredStatus = ClusterStatus & HAProxyStatus & PgBouncerStatus & BaselineStatus;

/** A resource of any of the kinds as the API server has it, not judged yet. */
export interface StoredResource extends KubeObject {
  readonly spec?: unknown;
  readonly status?: StoredStatus;
}

/**
 * A resource on its way through one visit. Every write names the state that it was made from, so none overwrites
 * another's.
 */
export interface LiveResource {
  readonly type: ResourceType;
  /** The newest state known here: as it was read, or as the last write left it. */
  current(): StoredResource;
  /**
   * Makes `status` the status; nothing is sent when it is that already. On the API server when it resolves.
   * Rejects with ApiError; a conflict (to be tried again soon) when the resource is not what it was when read.
   */
  writeStatus(status: StoredStatus): Promise<"written" | "unchanged">;
  /** Changes metadata, in the words of a JSON merge patch, under the same condition. */
  patchMetadata(metadata: Readonly<Record<string, unknown>>): Promise<void>;
  /** Asks the API server, not a cache. Rejects with StaleResourceError when the resource changed since it was read. */
  demandCurrent(): Promise<void>;
}

/** What was planned from is not what is there any more. */
export class StaleResourceError extends PghaError {
  override readonly name: string = "StaleResourceError";

  constructor(key: string) {
    super(`${key} was changed meanwhile`, { reason: "ResourceChanged", retry: "soon" });
  }
}

/** `onWrite` is told the resource as each write left it. */
export function liveResource(
  client: ApiClient,
  type: ResourceType,
  read: StoredResource,
  onWrite: (written: StoredResource) => void = () => {},
): LiveResource {
  const key = keyOf(read);
  let known = read;
  let isFresh = false;
  const take = (answer: unknown): void => {
    known = complete(answer as StoredResource, type);
    isFresh = true;
    onWrite(known);
  };
  /** Who is gone was changed, too. */
  const send = async (request: ApiRequest): Promise<unknown> =>
    client.request(request).catch((error: unknown) => {
      throw isNotFound(error) ? new StaleResourceError(key) : error;
    });
  return {
    type,
    current: () => known,
    async writeStatus(status) {
      if (isSameJson(known.status ?? {}, status)) return "unchanged";
      take(await send({ method: "PUT", path: objectPath(type, key, "status"), body: { ...known, status } }));
      return "written";
    },
    async patchMetadata(metadata) {
      const { resourceVersion } = known.metadata;
      take(
        await send({
          method: "PATCH",
          path: objectPath(type, key),
          body: { metadata: { ...metadata, resourceVersion } },
        }),
      );
    },
    async demandCurrent() {
      // A write that went through was the proof.
      if (isFresh) return;
      const now = (await send({ method: "GET", path: objectPath(type, key) })) as StoredResource;
      if (now.metadata.resourceVersion !== known.metadata.resourceVersion) throw new StaleResourceError(key);
      isFresh = true;
    },
  };
}

import { isDeepStrictEqual } from "node:util";
import type { ApiClient } from "./api-client.ts";
import { isNotFound } from "./api-error.ts";
import { keyOf, objectPath } from "./kube-object.ts";
import type { KubeObject, ResourceType } from "./kube-object.ts";

export type StatusWrite = "written" | "unchanged" | "gone";

/**
 * Makes `status` the status of an object, as it was read. Nothing is sent when it is that already. Rejects with
 * ApiError: a conflict (409, to be tried again soon) when the object changed since it was read, since the status
 * was made from what is now old.
 */
export async function writeStatus<T extends KubeObject & { readonly status?: unknown }>(
  client: ApiClient,
  type: ResourceType,
  object: T,
  status: NonNullable<T["status"]>,
): Promise<StatusWrite> {
  if (isDeepStrictEqual(asJson(object.status ?? {}), asJson(status))) return "unchanged";
  try {
    await client.request({
      method: "PUT",
      path: objectPath(type, keyOf(object), "status"),
      body: { ...object, status },
    });
    return "written";
  } catch (error) {
    if (isNotFound(error)) return "gone";
    throw error;
  }
}

/** Undefined fields are not sent, so they do not count as a difference. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

import type { ApiClient } from "./api-client.ts";
import { isGone } from "./api-error.ts";
import { apiVersionOf, collectionPath } from "./kube-object.ts";
import type { KubeObject, ResourceType } from "./kube-object.ts";

/** Which objects: all of a type, or fewer. */
export interface Selection {
  readonly type: ResourceType;
  /** Undefined: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ObjectList<T extends KubeObject> {
  readonly objects: readonly T[];
  /** From where a watch goes on. */
  readonly resourceVersion: string;
}

/** As client-go's reflector asks. */
const PAGE_SIZE = 500;

/**
 * Everything selected, page by page, each object with apiVersion and kind. Rejects with ApiError. When the server
 * forgets a list half-way (410), it is asked once more, all in one page
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
 */
export async function listObjects<T extends KubeObject>(
  client: ApiClient,
  selection: Selection,
  signal?: AbortSignal,
): Promise<ObjectList<T>> {
  try {
    return await listPages(client, selection, PAGE_SIZE, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
    return listPages(client, selection, undefined, signal);
  }
}

async function listPages<T extends KubeObject>(
  client: ApiClient,
  selection: Selection,
  limit: number | undefined,
  signal: AbortSignal | undefined,
): Promise<ObjectList<T>> {
  const objects: T[] = [];
  let continuation: string | undefined;
  for (;;) {
    const page = (await client.request({
      method: "GET",
      path: collectionPath(selection.type, selection.namespace),
      query: { ...selectors(selection), limit, continue: continuation },
      timeoutMs: 30_000,
      ...(signal === undefined ? {} : { signal }),
    })) as Page<T>;
    for (const item of page.items ?? []) objects.push(complete(item, selection.type));
    continuation = page.metadata?.continue;
    if (continuation === undefined || continuation === "")
      return { objects, resourceVersion: page.metadata?.resourceVersion ?? "" };
  }
}

interface Page<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

export function selectors(selection: Selection): {
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
} {
  return { labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector };
}

/**
 * Items of a list of a built-in type come without apiVersion and kind; managedFields are most of an object and of no
 * use here.
 */
export function complete<T extends KubeObject>(object: T, type: ResourceType): T {
  const { managedFields: _, ...metadata } = object.metadata as T["metadata"] & { readonly managedFields?: unknown };
  return { ...object, apiVersion: object.apiVersion ?? apiVersionOf(type), kind: object.kind ?? type.kind, metadata };
}

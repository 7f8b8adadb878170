import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";
import type { ApiClient } from "./api-client.ts";
import { ApiError } from "./api-error.ts";
import { collectionPath } from "./kube-object.ts";
import type { KubeObject } from "./kube-object.ts";
import { complete, selectors } from "./list-objects.ts";
import type { Selection } from "./list-objects.ts";

export type WatchEvent<T extends KubeObject> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  /** Nothing happened up to this resourceVersion. */
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export interface WatchOptions {
  readonly resourceVersion: string;
  /** After which the server ends the watch, in whole seconds. */
  readonly timeoutSeconds: number;
  /** How long it may be silent; the server sends a bookmark about once a minute. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/**
 * What happens from a resourceVersion on. Returns when the server ends the watch in good order; throws ApiError when
 * it ends any other way, with status 410 when that resourceVersion is too old.
 */
export async function* watchObjects<T extends KubeObject>(
  client: ApiClient,
  selection: Selection,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void> {
  const { signal, resourceVersion, timeoutSeconds } = options;
  const path = collectionPath(selection.type, selection.namespace);
  const query = { ...selectors(selection), watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
  const stream = await client.stream({ method: "GET", path, query, signal }, options.idleMs);
  try {
    for await (const line of linesOf(stream)) yield eventOf<T>(line, selection);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(`watch of ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    stream.destroy();
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string, void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk as Buffer)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
}

interface RawEvent {
  readonly type: string;
  readonly object: KubeObject & { readonly code?: number; readonly message?: string };
}

function eventOf<T extends KubeObject>(line: string, { type }: Selection): WatchEvent<T> {
  const event = JSON.parse(line) as RawEvent;
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: event.type, object: complete(event.object as unknown as T, type) };
    case "BOOKMARK":
      return { type: "BOOKMARK", resourceVersion: event.object.metadata.resourceVersion ?? "" };
    default:
      // ERROR carries a Status:
      // https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
      throw new ApiError(`watch of ${type.plural}: ${event.object.message ?? event.type}`, {
        status: event.object.code,
      });
  }
}

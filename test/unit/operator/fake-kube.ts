import { ApiError } from "../../../src/runtime/api-error.ts";
import type { ApiClient, ApiRequest } from "../../../src/runtime/api-client.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";

interface FakeObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
  readonly [field: string]: unknown;
}

/** An API server in memory, as far as the operator needs one: versions and conflicts, no schemas. */
export function fakeKube(): {
  readonly client: Pick<ApiClient, "request"> & ApiClient;
  readonly objects: Map<string, FakeObject>;
  readonly requests: ApiRequest[];
} {
  const objects = new Map<string, FakeObject>();
  const requests: ApiRequest[] = [];
  let version = 100;
  const stamped = (object: FakeObject): FakeObject => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String((version += 1)) },
  });
  const answer = (request: ApiRequest): FakeObject => {
    requests.push(request);
    const body = request.body as FakeObject | undefined;
    const path = request.path.replace(/\/status$/, "");
    if (request.method === "POST") {
      const own = `${path}/${body?.metadata.name ?? ""}`;
      if (objects.has(own)) throw new ApiError("exists", { status: 409 });
      objects.set(own, stamped(body as FakeObject));
      return objects.get(own) as FakeObject;
    }
    const known = objects.get(path);
    if (known === undefined) throw new ApiError("not found", { status: 404 });
    if (request.method === "GET") return known;
    if (request.method === "DELETE") {
      objects.delete(path);
      return known;
    }
    const wanted = body?.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== known.metadata.resourceVersion)
      throw new ApiError("changed", { status: 409 });
    const next =
      request.method === "PATCH"
        ? (merge(known, body) as FakeObject)
        : request.path.endsWith("/status")
          ? { ...known, status: body?.["status"] }
          : (body as FakeObject);
    objects.set(path, stamped(next));
    return objects.get(path) as FakeObject;
  };
  const client: ApiClient = {
    request: (request) => Promise.resolve().then(() => structuredClone(answer(request))),
    stream: () => Promise.reject(new Error("no streams here")),
    lastContact: () => 0,
    close: () => {},
  };
  return { client, objects, requests };
}

/** https://www.rfc-editor.org/rfc/rfc7396 */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === "object" && target !== null ? { ...(target as Record<string, unknown>) } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete base[key];
    else base[key] = merge(base[key], value);
  }
  return base;
}

/** A resource of the sample stack as an API server would have it. */
export function stored(
  resource: object,
  more: { readonly namespace?: string; readonly created?: string; readonly annotations?: Record<string, string> } = {},
): StoredResource {
  const { metadata, ...rest } = resource as StoredResource;
  const { namespace = "db", created = "2026-01-01T00:00:00Z", annotations } = more;
  return {
    ...rest,
    metadata: {
      ...metadata,
      namespace,
      uid: `uid-${namespace}-${metadata.name}`,
      resourceVersion: "1",
      generation: 1,
      creationTimestamp: created,
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

import type { ApiClient, ApiRequest } from "../../src/runtime/api-client.ts";

/** What a role would have to grant for one request. */
export interface ApiUse {
  readonly apiGroup: string;
  /** With its subresource: `postgreshaclusters/status`. */
  readonly resource: string;
  readonly verb: "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";
}

/** The same client; every request is told as RBAC sees it (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb). */
export function recordingClient(client: ApiClient, onUse: (use: ApiUse) => void): ApiClient {
  const note = (request: ApiRequest): void => {
    const use = apiUseOf(request);
    if (use !== undefined) onUse(use);
  };
  return {
    ...client,
    request(request) {
      note(request);
      return client.request(request);
    },
    stream(request, idleMs) {
      note(request);
      return client.stream(request, idleMs);
    },
  };
}

/** Undefined for what is no resource, such as /version. */
export function apiUseOf({ method, path, query }: Pick<ApiRequest, "method" | "path" | "query">): ApiUse | undefined {
  const [, root, ...rest] = path.split("/");
  if (root !== "api" && root !== "apis") return undefined;
  const apiGroup = root === "api" ? "" : (rest.shift() ?? "");
  rest.shift();
  const scoped = rest[0] === "namespaces" && rest.length > 2 ? rest.slice(2) : rest;
  const [plural = "", name, subresource] = scoped;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  switch (method) {
    case "GET":
      return { apiGroup, resource, verb: name !== undefined ? "get" : query?.["watch"] === true ? "watch" : "list" };
    case "POST":
      return { apiGroup, resource, verb: "create" };
    case "PUT":
      return { apiGroup, resource, verb: "update" };
    case "PATCH":
      return { apiGroup, resource, verb: "patch" };
    case "DELETE":
      return { apiGroup, resource, verb: "delete" };
  }
}

/**
 * Everything the operator asks of an API server, over its whole life. test/integration/operator and the journeys check
 * what they see against this list; a role that grants exactly this is enough.
 */
export const OPERATOR_API_USE: readonly ApiUse[] = [
  ...["postgreshaclusters", "haproxypools", "pgbouncerpools"].flatMap((resource): readonly ApiUse[] => [
    ...(["get", "list", "watch", "patch"] as const).map((verb) => ({ apiGroup: "pgha.keybuzz.io", resource, verb })),
    { apiGroup: "pgha.keybuzz.io", resource: `${resource}/status`, verb: "update" },
  ]),
  ...(["get", "list", "watch", "create", "patch"] as const).map((verb) => ({ apiGroup: "", resource: "secrets", verb })),
  ...(["create", "patch"] as const).map((verb) => ({ apiGroup: "events.k8s.io", resource: "events", verb })),
  ...(["get", "create", "update"] as const).map((verb) => ({ apiGroup: "coordination.k8s.io", resource: "leases", verb })),
];

import type { Readable } from "node:stream";
import type { ApiClient, ApiRequest } from "../../../src/runtime/api-client.ts";
import type { Manifest } from "./rendered.ts";

/** Something that RBAC allows or not: `verb group/resource[/subresource] in namespace`. */
export type Right = string;

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the roles among these objects allow, in words. */
export function grantedBy(roles: readonly Manifest[]): ReadonlySet<Right> {
  const rules = roles.flatMap((role) => role["rules"] as readonly Rule[]);
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => right(verb, group, resource)))),
    ),
  );
}

/** The same client, which notes the right that each request needs. */
export function noting(client: ApiClient, used: Set<Right>): ApiClient {
  const note = (request: ApiRequest): void => void used.add(neededFor(request));
  return {
    ...client,
    request(request): Promise<unknown> {
      note(request);
      return client.request(request);
    },
    stream(request, idleMs): Promise<Readable> {
      note(request);
      return client.stream(request, idleMs);
    },
  };
}

const VERBS = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;

/**
 * As the API server itself reads a request:
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb.
 */
function neededFor({ method, path, query }: ApiRequest): Right {
  const [, group = "", rest = ""] =
    /^\/apis?\/(?:([^/]+\.[^/]+)\/)?v[^/]+\/(?:namespaces\/[^/]+\/)?(.*)$/.exec(path) ?? [];
  const [resource = "", name, subresource] = rest.split("/");
  const reading = query?.["watch"] === true ? "watch" : name === undefined ? "list" : "get";
  return right(
    method === "GET" ? reading : VERBS[method],
    group,
    subresource === undefined ? resource : `${resource}/${subresource}`,
  );
}

function right(verb: string, group: string, resource: string): Right {
  return `${verb} ${group === "" ? "core" : group}/${resource}`;
}

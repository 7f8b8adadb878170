import type { Warning } from "../plan/plan.ts";
import type { ResourceStatus } from "./status.ts";

/**
 * What `pgha status -o json` and `-o yaml` print: a list of resources as Kubernetes would show them, without spec.
 * Stable: fields may be added, none is renamed or removed within a major version.
 */
export interface StatusDocument {
  readonly apiVersion: "pgha.keybuzz.io/v1alpha1";
  readonly kind: "StatusList";
  /** Whether every resource is Ready. */
  readonly ready: boolean;
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly status: ResourceStatus;
  }[];
  /** What does no harm now and may later. */
  readonly warnings: readonly Warning[];
}

export function statusDocument(
  statuses: ReadonlyMap<string, ResourceStatus>,
  ready: boolean,
  warnings: readonly Warning[] = [],
): StatusDocument {
  return {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "StatusList",
    ready,
    items: [...statuses].map(([resource, status]) => {
      const slash = resource.indexOf("/");
      return { kind: resource.slice(0, slash), metadata: { name: resource.slice(slash + 1) }, status };
    }),
    warnings,
  };
}

/** What Flux, `kubectl wait`-like tools and everything else built on kstatus make of an object. */
export type Kstatus = "Current" | "InProgress" | "Failed" | "Terminating";

export interface Observed {
  readonly metadata: { readonly generation?: number; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/**
 * The generic rules, in their order: https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md.
 * An object without conditions counts as Current there, unless it says that it observed another generation.
 */
export function kstatusOf({ metadata, status }: Observed): Kstatus {
  const is = (type: string, value: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === value) ?? false;
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  if (status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation)
    return "InProgress";
  if (is("Reconciling", "True")) return "InProgress";
  if (is("Stalled", "True")) return "Failed";
  if (is("Ready", "False") || is("Ready", "Unknown")) return "InProgress";
  return "Current";
}

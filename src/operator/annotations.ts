import { GROUP } from "../api/index.ts";
import type { StoredResource } from "../state/live-resource.ts";

/** What a person may write on a resource beside its spec; docs/operations.md explains each. */
export const ANNOTATIONS = {
  /** "true": look and report, touch nothing. The same as spec.paused. */
  paused: `${GROUP}/paused`,
  /** "true": the same, meant to last: a cluster that is watched but run by somebody else. */
  observeOnly: `${GROUP}/observe-only`,
  /** Any new value: look now. */
  reconcileAt: `${GROUP}/reconcile-at`,
  /** `host=SHA256:...`, several separated by commas: host keys that were compared; the machines behind them may be new. */
  acceptHostKey: `${GROUP}/accept-host-key`,
  /** "true" while deleting: do without the hosts that cannot be reached. */
  forceFinalize: `${GROUP}/force-finalize`,
} as const;

export const FINALIZER = `${GROUP}/hosts`;

/** Why nothing may be touched, as a condition's reason; undefined when it may. */
export function whyHandsOff(stored: StoredResource): "Paused" | "ObserveOnly" | undefined {
  if (isSet(stored, ANNOTATIONS.paused) || (stored.spec as { readonly paused?: boolean } | undefined)?.paused === true)
    return "Paused";
  return isSet(stored, ANNOTATIONS.observeOnly) ? "ObserveOnly" : undefined;
}

export function mayForceFinalize(stored: StoredResource): boolean {
  return isSet(stored, ANNOTATIONS.forceFinalize);
}

/** Approved fingerprints by host name. What is not written as asked approves nothing. */
export function acceptedHostKeys({ metadata }: StoredResource): ReadonlyMap<string, string> {
  const entries = (metadata.annotations?.[ANNOTATIONS.acceptHostKey] ?? "").split(",").map((entry) => entry.trim());
  return new Map(
    entries.flatMap((entry) => {
      const [, host, fingerprint] = /^([^=]+)=(SHA256:[A-Za-z0-9+/]{43})$/.exec(entry) ?? [];
      return host === undefined || fingerprint === undefined ? [] : [[host, fingerprint] as const];
    }),
  );
}

function isSet({ metadata }: StoredResource, annotation: string): boolean {
  return metadata.annotations?.[annotation] === "true";
}

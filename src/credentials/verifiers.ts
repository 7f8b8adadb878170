import type { SecretDocument, SecretsByName } from "./secret.ts";
import { LABELS } from "./made.ts";
import type { Sensitive } from "./sensitive.ts";

/** Of a type of its own, so that it can be watched without the Secrets of others. */
export const VERIFIERS_TYPE = "pgha.keybuzz.io/verifiers";

/**
 * What pgha keeps of its own about a cluster's accounts, in a Secret beside those that others may write: which verifier
 * PostgreSQL was seen to hold. Poolers get that one and no other, and a Secret that lost its verifier gets it back.
 */
export interface KeptVerifiers {
  /** Whether any was ever seen in force. */
  readonly exist: boolean;
  /** By user name. */
  readonly inForce: ReadonlyMap<string, Sensitive>;
  /** Made for a password in a Secret that is not written into, and not in force yet. */
  readonly next: ReadonlyMap<string, Sensitive>;
}

const NEXT = ".next";

export function verifiersSecretName(cluster: string): string {
  return `${cluster}-verifiers`;
}

export function keptVerifiers(cluster: string, existing: SecretsByName): KeptVerifiers {
  const kept = Object.entries(existing.get(verifiersSecretName(cluster))?.data ?? {});
  const inForce = new Map(kept.filter(([key]) => !key.endsWith(NEXT)));
  const next = kept.filter(([key]) => key.endsWith(NEXT));
  return {
    exist: inForce.size > 0,
    inForce,
    next: new Map(next.map(([key, verifier]) => [key.slice(0, -NEXT.length), verifier])),
  };
}

/** The Secret that keeps them, with more in it. */
export function keepVerifiers(
  { cluster, namespace }: { readonly cluster: string; readonly namespace?: string },
  existing: SecretsByName,
  more: { readonly inForce?: ReadonlyMap<string, Sensitive>; readonly next?: ReadonlyMap<string, Sensitive> },
): SecretDocument {
  const name = verifiersSecretName(cluster);
  const next = [...(more.next ?? [])].map(([user, verifier]) => [`${user}${NEXT}`, verifier] as const);
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { [LABELS.managedBy]: "pgha", [LABELS.cluster]: cluster },
    annotations: {},
    type: VERIFIERS_TYPE,
    ...existing.get(name),
    data: { ...existing.get(name)?.data, ...Object.fromEntries([...(more.inForce ?? []), ...next]) },
  };
}

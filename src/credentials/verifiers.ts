import type { SecretDocument, SecretsByName } from "./secret.ts";
import { LABELS } from "./made.ts";
import { sensitive } from "./sensitive.ts";
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
  /** Made for a password in a Secret, and not in force yet: the Secret itself may lose it. */
  readonly next: ReadonlyMap<string, Sensitive>;
  /** How the Secret of a user looked (`lookOf`) when pgha last wrote into it. */
  readonly filled: ReadonlyMap<string, string>;
}

const NEXT = ".next";
const FILLED = ".filled";

export function verifiersSecretName(cluster: string): string {
  return `${cluster}-verifiers`;
}

export function keptVerifiers(cluster: string, existing: SecretsByName): KeptVerifiers {
  const kept = Object.entries(existing.get(verifiersSecretName(cluster))?.data ?? {});
  const inForce = new Map(kept.filter(([key]) => !key.endsWith(NEXT) && !key.endsWith(FILLED)));
  const ending = (end: string): readonly (readonly [string, Sensitive])[] =>
    kept.flatMap(([key, value]) => (key.endsWith(end) ? [[key.slice(0, -end.length), value] as const] : []));
  return {
    exist: inForce.size > 0,
    inForce,
    next: new Map(ending(NEXT)),
    filled: new Map(ending(FILLED).map(([user, look]) => [user, look.reveal()])),
  };
}

/** What is to be kept beside what is. */
export interface MoreVerifiers {
  readonly inForce?: ReadonlyMap<string, Sensitive>;
  readonly next?: ReadonlyMap<string, Sensitive>;
  readonly filled?: ReadonlyMap<string, string>;
}

/** The Secret that keeps them, with more in it, and the keys of it that are other ones now. */
export function keepVerifiers(
  { cluster, namespace }: { readonly cluster: string; readonly namespace?: string },
  existing: SecretsByName,
  more: MoreVerifiers,
): { readonly secret: SecretDocument; readonly replaces: readonly string[] } {
  const name = verifiersSecretName(cluster);
  const added = Object.fromEntries([
    ...(more.inForce ?? []),
    ...[...(more.next ?? [])].map(([user, verifier]) => [`${user}${NEXT}`, verifier] as const),
    ...[...(more.filled ?? [])].map(([user, look]) => [`${user}${FILLED}`, sensitive(look)] as const),
  ]);
  const secret: SecretDocument = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { [LABELS.managedBy]: "pgha", [LABELS.cluster]: cluster },
    annotations: {},
    type: VERIFIERS_TYPE,
    ...existing.get(name),
    data: { ...existing.get(name)?.data, ...added },
  };
  return { secret, replaces: Object.keys(added) };
}

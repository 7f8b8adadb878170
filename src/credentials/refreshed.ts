import type { SecretDocument, SecretsByName } from "./secret.ts";
import { passwordInUri } from "./secret-check.ts";
import { isRenewable } from "./made.ts";
import { isOthers } from "./others.ts";
import { ENDPOINT_KEYS, fillSecret, wantedKeys } from "./secret-values.ts";
import { parseVerifier, verifierMatches } from "./scram.ts";
import { sensitive } from "./sensitive.ts";
import type { Sensitive } from "./sensitive.ts";
import type { KeptVerifiers } from "./verifiers.ts";
import { isOfPooler } from "./wish.ts";
import type { SecretWish } from "./wish.ts";

/**
 * A Secret as it counts, whoever wrote it last. Programs that keep Secrets (external-secrets, sealed-secrets) replace
 * all of one, or its password alone. What was lost and follows from what is there, or from what pgha keeps of its own,
 * is in it again; what was made for another password is not.
 */
export function refreshed(wish: SecretWish, stored: SecretDocument, kept: KeptVerifiers): SecretDocument {
  const { password } = stored.data;
  if (password === undefined) return stored;
  const { verifier: former, uri, ...data } = stored.data;
  const candidates = [former, kept.inForce.get(wish.username), kept.next.get(wish.username)];
  const fitting = wish.verifier
    ? candidates.find((verifier) => verifier !== undefined && verifierMatches(verifier, password))
    : undefined;
  const verifier = fitting ?? (wish.verifier && isStale(wish, former) ? undefined : former);
  const isStaleUri = uri !== undefined && (fitting === undefined || fitting !== former) && isOld(wish, stored, uri);
  const whole = {
    ...stored,
    data: {
      ...data,
      ...(verifier === undefined ? {} : { verifier }),
      ...(uri === undefined || isStaleUri ? {} : { uri }),
    },
  };
  if (isOthers(wish, stored, kept)) return fillSecret(wish, withoutEndpoint(wish, whole));
  return kept.exist ? fillSecret(wish, whole) : whole;
}

/** All of them, with those that count in place of those that are stored. */
export function refreshedSecrets(
  wishes: readonly SecretWish[],
  existing: SecretsByName,
  kept: KeptVerifiers,
): SecretsByName {
  const secrets = new Map(existing);
  for (const wish of wishes) {
    const stored = existing.get(wish.name);
    if (stored !== undefined) secrets.set(wish.name, refreshed(wish, stored, kept));
  }
  return secrets;
}

/** Whether a Secret can be given back what it lacks without anything changing for anybody. */
export function isRestorable(
  wish: SecretWish,
  stored: SecretDocument,
  counts: SecretDocument,
  kept: KeptVerifiers,
): boolean {
  const keys = wantedKeys(wish);
  return (
    !isOthers(wish, stored, kept) &&
    keys.every((key) => counts.data[key] !== undefined) &&
    keys.some((key) => stored.data[key]?.reveal() !== counts.data[key]?.reveal())
  );
}

/** Where to log in is said anew only in memory, where nothing is written. */
function withoutEndpoint(wish: SecretWish, secret: SecretDocument): SecretDocument {
  if (!isRenewable(secret, wish.cluster)) return secret;
  const kept = Object.entries(secret.data).filter(([key]) => !ENDPOINT_KEYS.includes(key));
  return { ...secret, data: Object.fromEntries(kept) };
}

/** Whether a uri is as pgha makes them, but of another password. Anything else is somebody's own. */
function isOld(wish: SecretWish, { data, ...secret }: SecretDocument, uri: Sensitive): boolean {
  const former = passwordInUri(uri.reveal());
  if (former === undefined || former === data["password"]?.reveal()) return false;
  const { uri: _, ...rest } = data;
  const made = fillSecret(wish, { ...secret, data: { ...rest, password: sensitive(former) } }).data["uri"];
  return made?.reveal() === uri.reveal();
}

/**
 * The password beside it was changed: a role is given the new one. Those of the cluster itself are a person's matter.
 */
function isStale({ purpose }: SecretWish, verifier: Sensitive | undefined): boolean {
  return (purpose === "role" || isOfPooler(purpose)) && verifier !== undefined && parseVerifier(verifier) !== undefined;
}

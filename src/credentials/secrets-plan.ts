import type { Problem } from "../errors.ts";
import type { SecretDocument, SecretsByName } from "./secret.ts";
import { secretProblems, sharingProblems } from "./secret-check.ts";
import { completeSecret, createSecret, isOutdated, wantedKeys } from "./secret-values.ts";
import { leads } from "./leads.ts";
import type { Sensitive } from "./sensitive.ts";
import type { KeptVerifiers } from "./verifiers.ts";
import type { SecretWish } from "./wish.ts";

/** What has to be done about Secrets. Holds no value of any: fit to be printed. */
export interface SecretsPlan {
  /** They do not exist and will be made with random passwords. */
  readonly create: readonly SecretWish[];
  /** They exist and lack keys that follow from what they hold. */
  readonly complete: readonly SecretCompletion[];
  /** pgha made them, and they no longer say where to log in. */
  readonly renew: readonly SecretRenewal[];
  /** Of several together: with one of these nothing may be done to any host. */
  readonly problems: readonly Problem[];
  /** They exist, and cannot be used as they are. Nothing is made in their place. */
  readonly unusable: readonly { readonly wish: SecretWish; readonly problems: readonly Problem[] }[];
}

export interface SecretCompletion {
  readonly wish: SecretWish;
  readonly missing: readonly string[];
}

export interface SecretRenewal extends SecretCompletion {
  /** Where it leads, and where it should: "to 10.0.0.120:5432/n8n instead of 10.0.0.131:6432/n8n". */
  readonly leads: string;
}

/**
 * Compares what is wished for with what exists. A password that is there is never made again, whoever made it. `isHeld`
 * says whose password somebody has already.
 */
export function secretsPlan(
  wishes: readonly SecretWish[],
  existing: SecretsByName,
  isHeld: (wish: SecretWish) => boolean = () => false,
): SecretsPlan {
  const create: SecretWish[] = [];
  const complete: SecretCompletion[] = [];
  const renew: SecretRenewal[] = [];
  const unusable: SecretsPlan["unusable"][number][] = [];
  for (const wish of wishes) {
    const secret = existing.get(wish.name);
    if (secret === undefined) {
      create.push(wish);
      continue;
    }
    const problems = secretProblems(wish, secret, isHeld(wish));
    const missing = wantedKeys(wish).filter((key) => secret.data[key] === undefined);
    if (problems.length > 0) {
      unusable.push({ wish, problems });
    } else if (isOutdated(wish, secret)) {
      renew.push({ wish, missing, leads: leads(wish, secret) });
    } else if (missing.length > 0) {
      complete.push({ wish, missing });
    }
  }
  return { create, complete, renew, problems: sharingProblems(wishes, existing), unusable };
}

/**
 * The Secrets that the plan makes, completes or renews. A plan that is only shown may ask for them too, to see what
 * would follow: nothing is stored here. One that cannot be used counts as one that is missing, so that the rest can be
 * seen.
 */
export function plannedSecrets(
  plan: SecretsPlan,
  existing: SecretsByName,
  kept?: KeptVerifiers,
): readonly SecretDocument[] {
  const completed = [...plan.complete, ...plan.renew].flatMap(({ wish }) => {
    const secret = existing.get(wish.name);
    return secret === undefined ? [] : [completeSecret(wish, secret)];
  });
  const missing = [...plan.create, ...plan.unusable.map(({ wish }) => wish)];
  return [...missing.map((wish) => withKept(createSecret(wish), kept?.inForce.get(wish.username))), ...completed];
}

/** As long as it is not made, the verifier that PostgreSQL holds is the one that counts. */
function withKept(secret: SecretDocument, verifier: Sensitive | undefined): SecretDocument {
  return verifier === undefined ? secret : { ...secret, data: { ...secret.data, verifier } };
}

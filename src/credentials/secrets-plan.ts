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
  /** With one of these nothing may be done to any host. */
  readonly problems: readonly Problem[];
}

export interface SecretCompletion {
  readonly wish: SecretWish;
  readonly missing: readonly string[];
}

export interface SecretRenewal extends SecretCompletion {
  /** Where it leads, and where it should: "to 10.0.0.120:5432/n8n instead of 10.0.0.131:6432/n8n". */
  readonly leads: string;
}

/** Compares what is wished for with what exists. A password that is there is never made again, whoever made it. */
export function secretsPlan(wishes: readonly SecretWish[], existing: SecretsByName): SecretsPlan {
  const create: SecretWish[] = [];
  const complete: SecretCompletion[] = [];
  const renew: SecretRenewal[] = [];
  const problems: Problem[] = [...sharingProblems(wishes, existing)];
  for (const wish of wishes) {
    const secret = existing.get(wish.name);
    if (secret === undefined) {
      create.push(wish);
      continue;
    }
    const found = secretProblems(wish, secret);
    const missing = wantedKeys(wish).filter((key) => secret.data[key] === undefined);
    if (found.length > 0) {
      problems.push(...found);
    } else if (isOutdated(wish, secret)) {
      renew.push({ wish, missing, leads: leads(wish, secret) });
    } else if (missing.length > 0) {
      complete.push({ wish, missing });
    }
  }
  return { create, complete, renew, problems };
}

/**
 * The Secrets that the plan makes, completes or renews. A plan that is only shown may ask for them too, to see what would
 * follow: nothing is stored here.
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
  return [...plan.create.map((wish) => withKept(createSecret(wish), kept?.inForce.get(wish.username))), ...completed];
}

/** As long as it is not made, the verifier that PostgreSQL holds is the one that counts. */
function withKept(secret: SecretDocument, verifier: Sensitive | undefined): SecretDocument {
  return verifier === undefined ? secret : { ...secret, data: { ...secret.data, verifier } };
}

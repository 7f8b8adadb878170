import type { Problem } from "../errors.ts";
import type { SecretDocument, SecretsByName } from "./secret.ts";
import { secretProblems, sharingProblems } from "./secret-check.ts";
import { completeSecret, createSecret, wantedKeys } from "./secret-values.ts";
import type { SecretWish } from "./wish.ts";

/** What has to be done about Secrets. Holds no value of any: fit to be printed. */
export interface SecretsPlan {
  /** They do not exist and will be made with random passwords. */
  readonly create: readonly SecretWish[];
  /** They exist and lack keys that follow from what they hold. */
  readonly complete: readonly SecretCompletion[];
  /** With one of these nothing may be done to any host. */
  readonly problems: readonly Problem[];
}

export interface SecretCompletion {
  readonly wish: SecretWish;
  readonly missing: readonly string[];
}

/** Compares what is wished for with what exists. A password that is there is never made again. */
export function secretsPlan(wishes: readonly SecretWish[], existing: SecretsByName): SecretsPlan {
  const create: SecretWish[] = [];
  const complete: SecretCompletion[] = [];
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
    } else if (missing.length > 0) {
      complete.push({ wish, missing });
    }
  }
  return { create, complete, problems };
}

/**
 * The Secrets that the plan makes or completes. A plan that is only shown may ask for them too, to see what would
 * follow: nothing is stored here.
 */
export function plannedSecrets(plan: SecretsPlan, existing: SecretsByName): readonly SecretDocument[] {
  const completed = plan.complete.flatMap(({ wish }) => {
    const secret = existing.get(wish.name);
    return secret === undefined ? [] : [completeSecret(wish, secret)];
  });
  return [...plan.create.map(createSecret), ...completed];
}

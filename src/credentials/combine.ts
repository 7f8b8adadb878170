import type { SecretDocument as WrittenSecret } from "../api/secret-document.ts";
import type { Problem } from "../errors.ts";
import { madeFor } from "./made.ts";
import { readSecretDocument } from "./secret.ts";
import type { SecretDocument, SecretsByName } from "./secret.ts";
import { ENDPOINT_KEYS } from "./secret-values.ts";

/**
 * The Secrets that count: those a person gave with the manifest, and those that pgha keeps. A Secret that is in both
 * takes each key from the manifest first, so that the verifier that was made for it once is found again. A copy of one
 * that pgha made is older than what is kept: there, where to log in is what the kept one says. `place` names the store,
 * for the way out.
 */
export function combineSecrets(
  given: readonly WrittenSecret[],
  kept: SecretsByName,
  place: string,
): { readonly secrets: SecretsByName; readonly problems: readonly Problem[] } {
  const secrets = new Map(kept);
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const document of given) {
    const { secret, problems: unreadable } = readSecretDocument(document);
    problems.push(...unreadable);
    if (secret === undefined) {
      continue;
    }
    const earlier = kept.get(secret.name);
    if (seen.has(secret.name)) {
      problems.push({
        resource: `Secret/${secret.name}`,
        path: "metadata.name",
        message: "is in the manifests twice",
        wayOut: "keep one of them",
      });
    } else if (earlier !== undefined && differ(secret, earlier)) {
      const message = `is not the password that is kept in ${place}, and PostgreSQL has that one`;
      problems.push({
        resource: `Secret/${secret.name}`,
        path: "data.password",
        message,
        wayOut:
          "take the Secret out of the manifests to go on with the password that is kept; to change it, " +
          `remove the keys password, verifier and uri from the Secret in ${place} as well`,
      });
    }
    seen.add(secret.name);
    secrets.set(
      secret.name,
      earlier === undefined
        ? secret
        : { ...earlier, ...secret, data: { ...earlier.data, ...secret.data, ...renewedKeys(secret, earlier) } },
    );
  }
  return { secrets, problems };
}

function renewedKeys(given: SecretDocument, kept: SecretDocument): SecretDocument["data"] {
  const isCopy = madeFor(given) !== undefined && madeFor(given) === madeFor(kept);
  return isCopy ? Object.fromEntries(Object.entries(kept.data).filter(([key]) => ENDPOINT_KEYS.includes(key))) : {};
}

function differ(given: SecretDocument, kept: SecretDocument): boolean {
  const [mine, theirs] = [given.data["password"], kept.data["password"]];
  return mine !== undefined && theirs !== undefined && mine.reveal() !== theirs.reveal();
}

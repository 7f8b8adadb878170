import type { Problem } from "../errors.ts";
import { oncePer } from "../keep-last.ts";
import { checkPrivateKey, normalizePrivateKey } from "../shell/private-key.ts";
import type { SecretDocument, SecretsByName } from "./secret.ts";
import { sensitive } from "./sensitive.ts";
import type { Sensitive } from "./sensitive.ts";

/** `spec.ssh.privateKeySecretRef`. */
export interface PrivateKeyRef {
  readonly name: string;
  readonly key: string;
}

/** A Secret of type kubernetes.io/ssh-auth. Throws TypeError for a text that is no usable key: check it first. */
export function sshKeySecret(name: string, keyText: string): SecretDocument {
  const problem = checkPrivateKey(keyText);
  if (problem !== undefined) {
    throw new TypeError(`the key ${problem}`);
  }
  return {
    name,
    labels: { "app.kubernetes.io/managed-by": "pgha" },
    annotations: {},
    type: "kubernetes.io/ssh-auth",
    data: { "ssh-privatekey": sensitive(normalizePrivateKey(keyText)) },
  };
}

/**
 * The private key that a resource names, from the manifest's Secrets or the kept ones. `resource` is `Kind/name` and
 * `place` the store, both for the message.
 */
export function findPrivateKey(
  ref: PrivateKeyRef,
  secrets: SecretsByName,
  resource: string,
  place: string,
): { readonly key: Sensitive } | { readonly problem: Problem } {
  const refuse = (message: string, wayOut: string) => ({
    problem: { resource, path: "spec.ssh.privateKeySecretRef", message, wayOut },
  });
  const secret = secrets.get(ref.name);
  if (secret === undefined) {
    return refuse(
      `there is no Secret ${ref.name}, neither in the manifests nor in ${place}`,
      `put the key there with: pgha import --ssh-key FILE --ssh-key-secret ${ref.name} --state ${place}, or ` +
        `add a Secret named ${ref.name} of type kubernetes.io/ssh-auth to the manifests`,
    );
  }
  const key = secret.data[ref.key];
  if (key === undefined) {
    return refuse(
      `the Secret ${ref.name} has no entry ${ref.key}`,
      `name the entry that holds the key with privateKeySecretRef.key; there ${entries(secret)}`,
    );
  }
  const { problem } = usabilityOf(key);
  return problem === undefined
    ? { key }
    : refuse(
        `the key in the Secret ${ref.name}, entry ${ref.key}, ${problem}`,
        "give a private key without passphrase, as ssh-keygen -t ed25519 -N '' makes it",
      );
}

/** A key is one object until its Secret changes. */
const usabilityOf = oncePer((key: Sensitive) => ({ problem: checkPrivateKey(key.reveal()) }));

function entries(secret: SecretDocument): string {
  const keys = Object.keys(secret.data);
  return keys.length === 0 ? "is none" : `${keys.length === 1 ? "is" : "are"} ${keys.join(", ")}`;
}

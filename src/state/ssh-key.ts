import { sshKeySecret } from "../credentials/ssh-key.ts";
import { InvalidInputError } from "../errors.ts";
import { checkPrivateKey, normalizePrivateKey } from "../shell/private-key.ts";
import type { StateStore } from "./store.ts";

/**
 * Keeps the text of a private key as the Secret `name` (kubernetes.io/ssh-auth), where `privateKeySecretRef: {name}`
 * finds it. A Secret of that name with another key is left alone.
 *
 * Throws InvalidInputError; `place` is what the message calls the key's source, e.g. a file name.
 */
export async function addSshKeySecret(store: StateStore, name: string, keyText: string, place: string): Promise<void> {
  const problem = checkPrivateKey(keyText);
  if (problem !== undefined) {
    throw new InvalidInputError([
      {
        resource: place,
        path: "",
        message: `the key ${problem}`,
        wayOut: "give a private key without passphrase, as ssh-keygen -t ed25519 -N '' makes it",
      },
    ]);
  }
  const earlier = (await store.readSecrets()).get(name);
  if (earlier !== undefined) {
    if (earlier.data["ssh-privatekey"]?.reveal() === normalizePrivateKey(keyText)) {
      return;
    }
    throw new InvalidInputError([
      {
        resource: place,
        path: "",
        message: `the Secret ${name} in ${store.place} holds another key`,
        wayOut: `remove ${name} there first, or give the new key another name`,
      },
    ]);
  }
  await store.writeSecret(sshKeySecret(name, keyText));
}

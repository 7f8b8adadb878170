import { PATRONI } from "../desired/services.ts";
import { isOfPooler } from "./wish.ts";
import type { SecretWish } from "./wish.ts";

/** What a person types for a new password of a role, here and in Kubernetes. */
export function askForAnother({ username, cluster, namespace }: SecretWish): string {
  const where = namespace === undefined ? "" : ` -n ${namespace}`;
  return (
    `ask for a new password, which its clients must then be given: pgha apply --rotate ${username}, ` +
    `with the operator: kubectl annotate --overwrite pghac ${cluster}${where} ` +
    `pgha.keybuzz.io/rotate-password=${username}`
  );
}

/** The choice beside a password of one's own. Removing a Secret is one only while nobody uses what was in it. */
export function anotherPassword(wish: SecretWish, isHeld: boolean): string {
  if (!isHeld || isOfPooler(wish.purpose)) return "or remove the Secret: pgha then makes one with a random password";
  return wish.purpose === "role"
    ? `the one that its clients have or another. Or ${askForAnother(wish)}`
    : `the one that the cluster has: it is in ${PATRONI.config} on every member`;
}

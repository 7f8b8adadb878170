import { placesOf } from "../api/index.ts";
import type { Resource } from "../api/index.ts";
import { findPrivateKey } from "../credentials/index.ts";
import type { SecretsByName, Sensitive } from "../credentials/index.ts";
import { InvalidInputError } from "../errors.ts";
import type { KeyRef } from "./shell-pool.ts";

/**
 * Finds the private keys that the resources name, bastions' too.
 *
 * @throws InvalidInputError with every key that is missing or of no use.
 */
export function privateKeys(
  resources: readonly Resource[],
  secrets: SecretsByName,
  place: string,
): (ref: KeyRef) => Sensitive {
  const found = resources.flatMap((resource) =>
    refsOf(resource).map((ref) => ({
      ref,
      result: findPrivateKey(ref, secrets, `${resource.kind}/${resource.metadata.name}`, place),
    })),
  );
  const problems = found.flatMap(({ result }) => ("problem" in result ? [result.problem] : []));
  if (problems.length > 0) {
    throw new InvalidInputError(problems);
  }
  const keys = new Map(
    found.flatMap(({ ref, result }) => ("key" in result ? [[nameOf(ref), result.key] as const] : [])),
  );
  return (ref) => {
    const key = keys.get(nameOf(ref));
    if (key === undefined) {
      throw new TypeError(`no resource of the stack names the key ${nameOf(ref)}`);
    }
    return key;
  };
}

function refsOf(resource: Resource): readonly KeyRef[] {
  const refs = placesOf(resource).flatMap(({ host, of: { spec } }) => [
    spec.ssh.privateKeySecretRef,
    ...[spec.ssh.bastion, host.ssh?.bastion].flatMap((bastion) => bastion?.privateKeySecretRef ?? []),
  ]);
  return [...new Map(refs.map((ref) => [nameOf(ref), ref])).values()];
}

function nameOf({ name, key }: KeyRef): string {
  return `${name}/${key}`;
}

import { isDeepStrictEqual } from "node:util";
import type { Resource } from "../../api/index.ts";
import { targetsOf } from "../../reconcilers/targets.ts";
import type { HostTarget } from "../../reconcilers/targets.ts";
import { targetSsh } from "../../world/target-ssh.ts";

/** A host has one way in for all that are looked at together: that of what is valid, where the two differ. */
export function isReachedOtherwise(resource: Resource, valid: readonly Resource[]): boolean {
  const own = new Map(targetsOf(resource).map((target) => [target.name, target]));
  return valid.flatMap(targetsOf).some((target) => {
    const other = own.get(target.name);
    return other !== undefined && !isSameWay(other, target);
  });
}

function isSameWay(one: HostTarget, other: HostTarget): boolean {
  return (
    one.address === other.address &&
    agree(one.hostKey, other.hostKey) &&
    agree(one.ssh.knownHosts, other.ssh.knownHosts) &&
    isDeepStrictEqual(one.ssh.privateKeySecretRef, other.ssh.privateKeySecretRef) &&
    isDeepStrictEqual(targetSsh(one), targetSsh(other))
  );
}

/** Who says nothing of it goes by what the other says. */
function agree(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

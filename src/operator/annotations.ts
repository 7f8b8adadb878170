import { ANNOTATIONS, approvalIn, listIn } from "../api/annotations.ts";
import type { Approval } from "../api/annotations.ts";
import { GROUP } from "../api/index.ts";
import type { StoredResource } from "../state/live-resource.ts";

export const FINALIZER = `${GROUP}/hosts`;

export function mayForceFinalize(stored: StoredResource): boolean {
  return isSet(stored, ANNOTATIONS.forceFinalize);
}

/** Roles for which a new password is asked. */
export function rotationsAsked({ metadata }: StoredResource): readonly string[] {
  return listIn(metadata.annotations?.[ANNOTATIONS.rotatePassword]);
}

/** Approvals by host name. What is not written as asked approves nothing. */
export function approvals({ metadata }: StoredResource): ReadonlyMap<string, Approval> {
  const found = new Map<string, Approval>();
  for (const entry of listIn(metadata.annotations?.[ANNOTATIONS.acceptHostKey])) {
    const { host, approval } = approvalIn(entry) ?? {};
    if (host !== undefined) found.set(host, { ...found.get(host), ...approval });
  }
  return found;
}

/** Hosts that a person says are gone for good. */
export function hostsToForget({ metadata }: StoredResource): readonly string[] {
  return listIn(metadata.annotations?.[ANNOTATIONS.forgetHost]);
}

function isSet({ metadata }: StoredResource, annotation: string): boolean {
  return metadata.annotations?.[annotation] === "true";
}

import { parseValue } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import { oncePer } from "../../keep-last.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { identityOf } from "./known-resources.ts";

/**
 * The last valid version of each resource, by which its hosts are looked at while a later one is not valid. It is kept
 * in memory, and in the status from the moment it is needed, so that it outlives this process.
 */
export interface AcceptedSpecs {
  note(stored: StoredResource, resource: Resource): void;
  /** Undefined when none is known: the resource was never valid, or this process has not seen it so. */
  of(stored: StoredResource): Resource | undefined;
  forget(identity: string): void;
}

export function acceptedSpecs(): AcceptedSpecs {
  const noted = new Map<string, { readonly uid: string | undefined; readonly resource: Resource }>();
  return {
    note: (stored, resource) => void noted.set(identityOf(stored), { uid: stored.metadata.uid, resource }),
    of(stored) {
      const known = noted.get(identityOf(stored));
      return known?.uid === stored.metadata.uid ? known?.resource : fromStatus(stored).resource;
    },
    forget: (identity) => void noted.delete(identity),
  };
}

/** The spec as the status keeps it. */
export function acceptedText({ spec }: Resource): string {
  return JSON.stringify(spec);
}

const fromStatus = oncePer((stored: StoredResource): { readonly resource: Resource | undefined } => {
  const { status, ...written } = stored;
  if (status?.acceptedSpec === undefined) return { resource: undefined };
  try {
    const spec: unknown = JSON.parse(status.acceptedSpec);
    return { resource: parseValue({ ...written, spec }, keyOf(stored)).resources[0] };
  } catch (error) {
    if (error instanceof SyntaxError) return { resource: undefined };
    throw error;
  }
});

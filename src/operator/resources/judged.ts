import { parseValue } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import type { Problem } from "../../errors.ts";
import { oncePer } from "../../keep-last.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import type { StoredResource } from "../../state/live-resource.ts";

/** A stored resource as our own rules see it: with defaults, or with what is wrong with it. */
export type Judged =
  | { readonly sound: true; readonly resource: Resource }
  | { readonly sound: false; readonly problems: readonly Problem[] };

/**
 * Reads a stored resource by its schema. The API server did so too, unless it was stored under an older definition.
 * A resource stays one object until it changes, so it is read once.
 */
export const judged = oncePer((stored: StoredResource): Judged => {
  // The schema judges what people write; the status is ours, and large.
  const { status: _, ...written } = stored;
  const { resources, problems } = parseValue(written, keyOf(stored));
  const [resource] = resources;
  return resource === undefined ? { sound: false, problems } : { sound: true, resource };
});

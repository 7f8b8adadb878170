import { GROUP, VERSION } from "../../api/index.ts";
import type { Kind } from "../../api/index.ts";
import { KIND_NAMES } from "../../api/printer-columns.ts";
import type { ResourceType } from "../../runtime/kube-object.ts";

export const KINDS = Object.keys(KIND_NAMES) as readonly Kind[];

export const RESOURCE_TYPES = ofEachKind(typeOf);

/** Something of each kind, by kind. */
export function ofEachKind<T>(make: (kind: Kind) => T): Readonly<Record<Kind, T>> {
  return Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<Kind, T>;
}

function typeOf(kind: Kind): ResourceType {
  return { group: GROUP, version: VERSION, plural: KIND_NAMES[kind].plural, kind };
}

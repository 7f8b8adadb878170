import { kindOf } from "./table.ts";
import type { Change } from "./table.ts";

/** A change in a few words for people, without its host. Never shows a secret: it has none to show. */
export function describe(change: Change): string {
  return kindOf(change).describe(change);
}

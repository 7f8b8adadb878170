import { createHash } from "node:crypto";
import type { SecretDocument } from "./secret.ts";
import type { KeptVerifiers } from "./verifiers.ts";
import type { SecretWish } from "./wish.ts";

/** Whether nothing can be written into it, or another program says that it is its own. */
export function isControlled({ controlled, immutable }: SecretDocument): boolean {
  return controlled === true || immutable === true;
}

/**
 * Whether nothing is written into a Secret: what it lacks is known from what pgha keeps of its own. One that looks
 * again as it did before pgha wrote into it is kept by a program that puts its own back, and would do so for ever.
 */
export function isOthers(wish: SecretWish, stored: SecretDocument, { filled }: KeptVerifiers): boolean {
  return isControlled(stored) || filled.get(wish.username) === lookOf(stored);
}

/** What pgha may change in a Secret, as it is, in short. Passwords are not in it. */
export function lookOf({ data }: SecretDocument): string {
  const parts = Object.entries(data).map(([key, value]) => [key, shown(key, value.reveal())]);
  const text = JSON.stringify(parts.toSorted(([left = ""], [right = ""]) => (left < right ? -1 : 1)));
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

function shown(key: string, text: string): string {
  if (key === "uri")
    return /^postgresql:\/\/[^:@/?#]*:[^@/?#]+@(\S*)$/.exec(text)?.[1]?.replace(/password=.*/, "") ?? "";
  return ["host", "port", "dbname", "verifier"].includes(key) ? text : "";
}

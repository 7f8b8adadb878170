import { createHash } from "node:crypto";

/**
 * Sixteen hex digits that stand for a text. Each renderer puts them where the running program shows them again, so that
 * "loaded" can be compared with "desired" instead of remembering that a file was written.
 */
export function digest16(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

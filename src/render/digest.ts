import { hash } from "node:crypto";

/**
 * Sixteen hex digits that stand for a text. Each renderer puts them where the running program shows them again, so that
 * "loaded" can be compared with "desired" instead of remembering that a file was written.
 */
export function digest16(text: string): string {
  return sha256(text).slice(0, 16);
}

/** As sha256sum(1) prints it of a file with this text. */
export function sha256(text: string): string {
  return hash("sha256", text);
}

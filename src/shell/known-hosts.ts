import { createHmac } from "node:crypto";
import { hostKeyProblem } from "./host-key.ts";

/**
 * The host keys that a known_hosts text has for an address, as `ssh-ed25519 AAAA...` lines.
 *
 * Understands hashed names, patterns with `*` and `?`, negation, `[address]:port` and @revoked (such keys are left
 * out). @cert-authority lines are skipped: pgha pins keys, not authorities. See sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
 */
export function hostKeysFromKnownHosts(text: string, address: string, port: number): readonly string[] {
  const name = port === 22 ? address : `[${address}]:${port}`;
  const revoked = new Set<string>();
  const keys = new Set<string>();
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith("@") === true ? fields.shift() : undefined;
    const [names, type, base64] = fields;
    if (names === undefined || names.startsWith("#") || type === undefined || base64 === undefined) {
      continue;
    }
    const key = `${type} ${base64}`;
    if (hostKeyProblem(key) !== undefined || !matches(names, name)) {
      continue;
    }
    if (marker === "@revoked") {
      revoked.add(key);
    } else if (marker === undefined) {
      keys.add(key);
    }
  }
  return [...keys].filter((key) => !revoked.has(key));
}

function matches(names: string, name: string): boolean {
  if (names.startsWith("|1|")) {
    const [, , salt = "", hash = ""] = names.split("|");
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
  }
  const patterns = names.split(",");
  const hit = (pattern: string): boolean => matchesPattern(pattern.toLowerCase(), name.toLowerCase());
  return (
    patterns.some((pattern) => !pattern.startsWith("!") && hit(pattern)) &&
    !patterns.some((pattern) => pattern.startsWith("!") && hit(pattern.slice(1)))
  );
}

function matchesPattern(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) {
    return pattern === name;
  }
  const source = pattern
    .replaceAll(/[\\^$.+()|[\]{}/-]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(name);
}

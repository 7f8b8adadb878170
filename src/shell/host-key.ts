import { createHash } from "node:crypto";

/** A public host key. */
export interface HostKey {
  /** Key type, e.g. `ssh-ed25519`. Not the signature algorithm: one RSA key signs with several. */
  readonly type: string;
  readonly blob: Buffer;
}

/**
 * Signature algorithms for each key type we accept, the best first. SHA-1 signatures (`ssh-rsa` as an algorithm) are
 * left out on purpose, RFC 8332.
 */
const algorithmsByType = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
} as const;

export type HostKeyType = keyof typeof algorithmsByType;
export type HostKeyAlgorithm = (typeof algorithmsByType)[HostKeyType][number];

export const hostKeyTypes = Object.keys(algorithmsByType).filter(isHostKeyType);

/** Reads `ssh-ed25519 AAAA... comment`. Undefined when it is no host key that pgha can use (see hostKeyProblem). */
export function parseHostKey(line: string): HostKey | undefined {
  const [type = "", base64 = ""] = line.trim().split(/\s+/);
  const blob = Buffer.from(base64, "base64");
  return hostKeyProblem(line) === undefined ? { type, blob } : undefined;
}

/** What is wrong with a host key line, in words; undefined when it can be used. */
export function hostKeyProblem(line: string): string | undefined {
  const [type = "", base64 = ""] = line.trim().split(/\s+/);
  if (type.startsWith("SHA256:") || type.startsWith("MD5:")) {
    return "is a fingerprint; the whole public key is needed, as in /etc/ssh/ssh_host_ed25519_key.pub";
  }
  if (!isHostKeyType(type)) {
    return `has the key type "${type.slice(0, 40)}"; known are ${hostKeyTypes.join(", ")}`;
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    return `lacks the base64 text after "${type}"`;
  }
  const inside = typeInBlob(Buffer.from(base64, "base64"));
  return inside === type
    ? undefined
    : `says "${type}", but its base64 text ` +
        `${inside === undefined ? "is cut short" : `holds a key of type "${inside}"`}`;
}

/** The key a host showed, from the bytes of the handshake. */
export function hostKeyFromBlob(blob: Buffer): HostKey {
  return { type: typeInBlob(blob) ?? "unknown", blob };
}

/** `ssh-ed25519 AAAA...`, ready for a manifest. */
export function formatHostKey(key: HostKey): string {
  return `${key.type} ${key.blob.toString("base64")}`;
}

/** `SHA256:...` as `ssh-keygen -lf` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The same of a public key as it is written; undefined when there is none, or none that can be used. */
export function fingerprintOf(line: string | undefined): string | undefined {
  const key = line === undefined ? undefined : parseHostKey(line);
  return key === undefined ? undefined : fingerprint(key.blob);
}

/**
 * Signature algorithms to offer for the keys that are pinned, so that a host with keys of several types shows the one
 * we know. All of them when nothing is pinned.
 */
export function algorithmsFor(keys: readonly HostKey[]): HostKeyAlgorithm[] {
  const types = keys.length === 0 ? hostKeyTypes : hostKeyTypes.filter((type) => keys.some((key) => key.type === type));
  return types.flatMap((type) => algorithmsByType[type]);
}

export function isSameKey(a: HostKey, b: HostKey): boolean {
  return a.blob.equals(b.blob);
}

/** A key blob starts with its type as a string with a 32 bit length, RFC 4253 section 6.6. */
function typeInBlob(blob: Buffer): string | undefined {
  if (blob.length < 4) {
    return undefined;
  }
  const length = blob.readUInt32BE(0);
  // Behind the type comes at least one more string.
  return length > 0 && length <= 64 && blob.length > 8 + length ? blob.toString("latin1", 4, 4 + length) : undefined;
}

function isHostKeyType(type: string): type is HostKeyType {
  return Object.hasOwn(algorithmsByType, type);
}

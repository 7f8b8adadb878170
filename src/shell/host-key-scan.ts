import { algorithmsFor, formatHostKey, hostKeyTypes } from "./host-key.ts";
import { showHostKey } from "./ssh-connection.ts";
import type { SshTarget } from "./ssh-target.ts";

/**
 * The host keys that an address shows, best type first, as `ssh-ed25519 AAAA...` lines: ssh-keyscan without the
 * program. Nothing is proven by it; a person compares. Throws HostUnreachableError.
 */
export async function scanHostKeys(at: {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
}): Promise<readonly string[]> {
  const target: SshTarget = {
    name: at.address,
    address: at.address,
    port: at.port,
    // The handshake ends at the host key, before any name or key of ours is sent.
    user: "nobody",
    privateKey: "",
    hostKeys: [],
    hostKeyPolicy: "pinned",
    connectTimeoutMs: at.timeoutMs,
  };
  const found: string[] = [];
  for (const type of hostKeyTypes) {
    const key = await showHostKey(target, algorithmsFor([{ type, blob: Buffer.of() }]));
    found.push(...(key === undefined ? [] : [formatHostKey(key)]));
  }
  return found;
}

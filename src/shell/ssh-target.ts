/** How to reach one host. The key text is the only secret in it: never print a target. */
export interface SshTarget {
  /** Name from the manifest, for messages. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Private key without passphrase, OpenSSH or PEM text. */
  readonly privateKey: string;
  /** How to get root when `user` is not root. */
  readonly become?: "sudo";
  /** Accepted host keys as `ssh-ed25519 AAAA...` lines (a comment may follow). Several are allowed. */
  readonly hostKeys: readonly string[];
  /** With `trust-on-first-use` a host without keys is believed once; with keys it is as good as pinned. */
  readonly hostKeyPolicy: "pinned" | "trust-on-first-use";
  /** Told the key line of a host that was believed on first use, once its login worked. */
  readonly onFirstUse?: (key: string) => void;
  readonly bastion?: Bastion;
  /** Time between two signs of life on a connection, in milliseconds; the third that is missed ends it. Default 5 s. */
  readonly keepaliveMs?: number;
  /** Time for TCP, handshake and login together, in milliseconds. Reaching a bastion has its own. */
  readonly connectTimeoutMs: number;
}

/** A host on the way. */
export interface Bastion {
  readonly target: SshTarget;
  /**
   * `exec` runs a relay program there, for hosts with AllowTcpForwarding no; `forward` opens a direct-tcpip channel.
   */
  readonly via: "exec" | "forward";
}

/** `db-master-01 (10.0.0.120:22)`, as every message names a host. */
export function nameOf(target: SshTarget): string {
  const address = target.address.includes(":") ? `[${target.address}]` : target.address;
  return `${target.name} (${address}:${target.port})`;
}

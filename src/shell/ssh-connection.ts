import type { Duplex } from "node:stream";
import type { Client, ConnectConfig } from "ssh2";
import { HostAccessError } from "../errors.ts";
import { keepCipherKeys } from "./cipher-keys.ts";
import { dial } from "./dial.ts";
import { algorithmsFor, formatHostKey, hostKeyFromBlob, isSameKey, parseHostKey } from "./host-key.ts";
import type { HostKey, HostKeyAlgorithm } from "./host-key.ts";
import { checkPrivateKey, normalizePrivateKey } from "./private-key.ts";
import { connectFailure, hostKeyFailure, isHangUp, isNoCommonHostKey, loginRefused } from "./ssh-failure.ts";
import { nameOf } from "./ssh-target.ts";
import type { SshTarget } from "./ssh-target.ts";
import { writeTogether } from "./write-together.ts";

/** A logged-in connection. */
export interface Connection {
  readonly client: Client;
  /** The key line the host showed. */
  readonly hostKey: string;
  /** False from the moment it is known to be of no more use. */
  isOpen(): boolean;
  /** The first error that befell it. */
  failure(): Error | undefined;
  /** Has something done when it ends by itself: lost, or ended by the host. */
  uponLoss(act: () => void): void;
  /** Says goodbye and waits for the other side, at most a second. */
  close(): Promise<void>;
}

/** A byte stream to the target's sshd that somebody else opened. */
export interface Transport {
  readonly stream: Duplex;
  /** What the relay complained about, if anything. */
  said(): string;
}

/** Opens the way to a host; undefined for a plain TCP connection of our own. */
export type OpenTransport = () => Promise<Transport | undefined>;

/**
 * Connects and logs in, once. Throws HostKeyError, HostAccessError or HostUnreachableError.
 * `pinned` are the keys to accept; empty means any, when the target's policy is to trust on first use.
 */
export async function openConnection(
  target: SshTarget,
  pinned: readonly string[],
  openTransport: OpenTransport,
): Promise<Connection> {
  const problem = checkPrivateKey(target.privateKey);
  if (problem !== undefined) {
    throw new HostAccessError(target.name, `the private key for ${nameOf(target)} ${problem}`, {
      reason: "AuthenticationFailed",
      wayOut: "give a usable private key",
    });
  }
  const keys = pinned.map(parseHostKey).filter((key) => key !== undefined);
  const trustAny = target.hostKeyPolicy === "trust-on-first-use" && pinned.length === 0;
  const offer = algorithmsFor(keys);
  const first = await attempt(
    target,
    offer,
    (key) => trustAny || keys.some((known) => isSameKey(known, key)),
    openTransport,
  );
  if (first.connection !== undefined) {
    return first.connection;
  }
  if (first.seen !== undefined && !first.accepted) {
    throw hostKeyFailure(target, keys, first.seen);
  }
  if (isNoCommonHostKey(first.error) && keys.length > 0) {
    // The host has no key of the pinned type any more. Look at what it has, for the message.
    const look = await attempt(target, algorithmsFor([]), () => false, openTransport);
    if (look.seen !== undefined || (look.connection === undefined && isNoCommonHostKey(look.error))) {
      throw hostKeyFailure(target, keys, look.seen);
    }
  }
  if (first.accepted && isHangUp(first.error)) throw loginRefused(target, first.error, first.banner);
  throw connectFailure(target, first.error, first.relaySaid);
}

/** The key a host shows for one signature algorithm, without logging in; undefined when it has none of that type. */
export async function showHostKey(
  target: SshTarget,
  algorithms: readonly HostKeyAlgorithm[],
): Promise<HostKey | undefined> {
  const result = await attempt(
    target,
    algorithms,
    () => false,
    () => Promise.resolve(undefined),
  );
  if (result.seen === undefined && result.connection === undefined && !isNoCommonHostKey(result.error)) {
    throw connectFailure(target, result.error, result.relaySaid);
  }
  return result.seen;
}

interface Success {
  readonly connection: Connection;
  readonly seen: HostKey;
}

interface Failure {
  readonly connection?: undefined;
  readonly error: Error;
  readonly seen: HostKey | undefined;
  readonly accepted: boolean;
  readonly relaySaid: string;
  /** What sshd, or PAM through it, had to say before anybody was in. */
  readonly banner: string;
}

async function attempt(
  target: SshTarget,
  hostKeyAlgorithms: readonly HostKeyAlgorithm[],
  accept: (key: HostKey) => boolean,
  openTransport: OpenTransport,
): Promise<Success | Failure> {
  const [{ NodeSSH }, transport] = await Promise.all([import("node-ssh"), openTransport()]);
  const stream = writeTogether(transport?.stream ?? dial(target));
  const ssh = new NodeSSH();
  let seen: HostKey | undefined;
  let accepted = false;
  let error: Error | undefined;
  const ready = ssh.connect(
    connectConfig(target, stream, hostKeyAlgorithms, (blob) => {
      seen = hostKeyFromBlob(blob);
      accepted = accept(seen);
      return accepted;
    }),
  );
  // node-ssh makes its client before its first await, and takes its error listener away again once connected. An
  // error event without a listener would end the process, so ours stays for the client's whole life.
  const client = ssh.connection;
  client?.on("error", (happened: Error) => (error ??= happened));
  let banner = "";
  client?.on("banner", (said: string) => (banner += `${said}\n`));
  try {
    await ready;
  } catch (caught) {
    stream.destroy();
    return { error: error ?? asError(caught), seen, accepted, relaySaid: transport?.said() ?? "", banner };
  }
  if (client === null || seen === undefined) {
    throw new Error("connected without a client or a host key");
  }
  keepCipherKeys(client);
  return { connection: watch(client, stream, seen, () => error), seen };
}

function connectConfig(
  target: SshTarget,
  stream: Duplex,
  hostKeyAlgorithms: readonly HostKeyAlgorithm[],
  hostVerifier: (blob: Buffer) => boolean,
) {
  return {
    sock: stream,
    username: target.user,
    ...(target.privateKey === "" ? {} : { privateKey: normalizePrivateKey(target.privateKey) }),
    // Asking with method `none` first, as ssh2 does by default, costs a round trip.
    authHandler: ["publickey"],
    hostVerifier,
    readyTimeout: target.connectTimeoutMs,
    keepaliveInterval: target.keepaliveMs ?? 5_000,
    keepaliveCountMax: 3,
    algorithms: {
      serverHostKey: [...hostKeyAlgorithms],
      kex: [...keyExchanges],
      cipher: [...ciphers],
      hmac: [...macs],
    },
  } satisfies ConnectConfig;
}

/** Cheapest for both sides first, nothing with SHA-1. */
const keyExchanges = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group14-sha256",
] as const;
/** AES-GCM runs in OpenSSL with hardware help; ChaCha20-Poly1305 is last because ssh2 has Poly1305 in WebAssembly. */
const ciphers = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "aes128-ctr",
  "aes256-ctr",
  "chacha20-poly1305@openssh.com",
] as const;
const macs = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
] as const;

function watch(client: Client, stream: Duplex, hostKey: HostKey, failure: () => Error | undefined): Connection {
  let open = true;
  let closedHere = false;
  const closed = new Promise<void>((resolve) => {
    client.once("close", resolve);
    stream.once("close", resolve);
  });
  const shut = (): void => {
    open = false;
  };
  client.once("end", shut).once("close", shut).once("error", shut);
  return {
    client,
    hostKey: formatHostKey(hostKey),
    isOpen: () => open,
    failure,
    uponLoss: (act) =>
      void closed.then(() => {
        if (!closedHere) act();
      }),
    close: async () => {
      closedHere = true;
      open = false;
      client.end();
      // Not client.destroy(): after end() it does nothing, and a host that is gone never answers the goodbye.
      const patience = setTimeout(() => stream.destroy(), 1_000);
      await closed;
      clearTimeout(patience);
    },
  };
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}

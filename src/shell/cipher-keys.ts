import { createSecretKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Client } from "ssh2";

/** What ssh2 keeps of an AES-GCM key; nothing of it is part of its interface. */
interface Ciphers {
  readonly _protocol?: {
    readonly _cipher?: { _encKey?: Buffer | KeyObject };
    readonly _decipher?: { _decipherKey?: Buffer | KeyObject };
  };
}

/**
 * Gives Node the keys of a connection once and for all. ssh2 hands its AES-GCM key over as bytes with each packet, and
 * Node 24 learns that bytes are no KeyObject from an exception: 34 of the 41 µs that a packet costs, and most of what
 * an idle operator does. Where ssh2 keeps its keys elsewhere, or made new ones since, it goes on as before.
 */
export function keepCipherKeys(client: Client): void {
  const { _protocol: protocol } = client as unknown as Ciphers;
  if (Buffer.isBuffer(protocol?._cipher?._encKey)) protocol._cipher._encKey = createSecretKey(protocol._cipher._encKey);
  if (Buffer.isBuffer(protocol?._decipher?._decipherKey))
    protocol._decipher._decipherKey = createSecretKey(protocol._decipher._decipherKey);
}

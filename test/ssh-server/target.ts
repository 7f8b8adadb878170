import type { SshTarget } from "../../src/shell/ssh-target.ts";
import { generateKeyPair } from "./keys.ts";

/** Keys that test servers and targets share unless a test says otherwise. */
export const login = generateKeyPair();
export const hostKey = generateKeyPair();

/** A target for a server on loopback. */
export function targetOn(server: { readonly port: number }, changes: Partial<SshTarget> = {}): SshTarget {
  return {
    name: "db-1",
    address: "127.0.0.1",
    port: server.port,
    user: "root",
    privateKey: login.privateKey,
    hostKeys: [hostKey.publicKey],
    hostKeyPolicy: "pinned",
    // A busy machine takes its time.
    connectTimeoutMs: 10_000,
    ...changes,
  };
}

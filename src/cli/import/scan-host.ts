import type { ScanHostKey } from "../../inventory/index.ts";
import { scanHostKeys } from "../../shell/host-key-scan.ts";

/** The key an address shows, Ed25519 where it has one. */
export const scanHost: ScanHostKey = async (address, port) => {
  const keys = await scanHostKeys({ address, port, timeoutMs: 5_000 });
  return keys.find((key) => key.startsWith("ssh-ed25519 ")) ?? keys[0];
};

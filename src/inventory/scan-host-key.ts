import { scanHostKeys } from "../shell/host-key-scan.ts";
import type { ScanHostKey } from "./host-keys.ts";

const PATIENCE_MS = 10_000;

/** The best host key an address shows, over the network. */
export const scanHostKey: ScanHostKey = async (address, port) =>
  (await scanHostKeys({ address, port, timeoutMs: PATIENCE_MS }))[0];

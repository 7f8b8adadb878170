import { PghaError } from "../errors.ts";
import { fingerprint, parseHostKey } from "../shell/host-key.ts";
import type { InventoryHost } from "./row.ts";

/** The host key that an address shows as `ssh-ed25519 AAAA...`; undefined when it shows none that can be used. */
export type ScanHostKey = (address: string, port: number) => Promise<string | undefined>;

export interface ScannedKeys {
  readonly keys: ReadonlyMap<InventoryHost, string>;
  readonly notes: readonly string[];
}

/** Asks hosts for their keys, side by side. One that does not answer is noted and goes without. */
export async function scanKeys(hosts: readonly InventoryHost[], scan: ScanHostKey): Promise<ScannedKeys> {
  const found = await Promise.all(
    hosts.map(async (host) => {
      try {
        return { host, key: await scan(host.address, 22) };
      } catch (error) {
        if (error instanceof PghaError) {
          return { host, key: undefined, why: error.message };
        }
        throw error;
      }
    }),
  );
  const keys = new Map(found.flatMap(({ host, key }) => (key === undefined ? [] : [[host, key] as const])));
  const widest = Math.max(0, ...hosts.map(({ name }) => name.length));
  const notes = found.map(({ host, key, why }) => {
    const name = host.name.padEnd(widest);
    const parsed = key === undefined ? undefined : parseHostKey(key);
    return parsed === undefined
      ? `${name}  ${host.address}  no host key: ${why ?? "it showed none that can be used"}`
      : `${name}  ${host.address}  ${parsed.type} ${fingerprint(parsed.blob)}`;
  });
  return {
    keys,
    notes: [
      ...notes,
      "Compare each fingerprint on the host itself before you trust it: ssh-keygen -lf " +
        "/etc/ssh/ssh_host_ed25519_key.pub",
    ],
  };
}

import { isIP } from "node:net";

/** `address:port`, an IPv6 literal in brackets, as Patroni, HAProxy and URLs want it. */
export function hostPort(address: string, port: number): string {
  return `${bracketed(address)}:${port}`;
}

/** An IPv6 literal in brackets; anything else as it is. */
export function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

/**
 * The address as pg_hba.conf and ACLs want a single host: a literal with its full prefix length, a DNS name as it is.
 */
export function asNetwork(address: string): string {
  switch (isIP(address)) {
    case 4:
      return `${address}/32`;
    case 6:
      return `${address}/128`;
    default:
      return address;
  }
}

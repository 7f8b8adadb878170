import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

/** Why a host can't be reached at this address; undefined when it may be. */
export function addressFault(address: string): string | undefined {
  if (/^[0-9.]+$/.test(address) && !isIPv4(address)) return "looks like an IPv4 address and is none";
  if (address.includes(":") && !isIPv6(address))
    return "looks like an IPv6 address and is none (a port has its own field)";
  if (address.includes("%")) return "has a zone, which means something on one machine only";
  const family = isIP(address);
  if (family === 0)
    return address.split(".").some((part) => part.length > 63) ? "has a part of more than 63 characters" : undefined;
  return NOWHERE.check(address, family === 4 ? "ipv4" : "ipv6") ? "is no address of a single host" : undefined;
}

/** True when only the host itself can reach it. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family === 0 ? address.toLowerCase() === "localhost" : LOOPBACK.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** One spelling for each address, to compare by. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) && !address.includes("%")
    ? new URL(`http://[${address}]`).hostname.slice(1, -1)
    : address.toLowerCase();
}

/** Why this is no network; undefined when it is one. */
export function cidrFault(cidr: string): string | undefined {
  const [address = "", bits = ""] = cidr.split("/");
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return "has no IP address before the slash";
  const most = family === 4 ? 32 : 128;
  if (!/^(0|[1-9][0-9]{0,2})$/.test(bits) || Number(bits) > most) return `must end in a length from 0 to ${most}`;
  const network = networkOf(address, Number(bits));
  return network === canonicalAddress(address) ? undefined : `is an address inside the network ${network}/${bits}`;
}

/** The first address of a network. */
export function networkOf(address: string, bits: number): string {
  const groups = isIPv4(address) ? address.split(".").map(Number) : ipv6Groups(address);
  const width = isIPv4(address) ? 8 : 16;
  const masked = groups.map((group, index) => {
    const kept = Math.min(Math.max(bits - index * width, 0), width);
    return group & (((1 << width) - 1) ^ ((1 << (width - kept)) - 1));
  });
  return isIPv4(address) ? masked.join(".") : canonicalAddress(masked.map((group) => group.toString(16)).join(":"));
}

function ipv6Groups(address: string): readonly number[] {
  const [head = "", tail] = canonicalAddress(address).split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => "0"), ...back].map((group) =>
    Number.parseInt(group, 16),
  );
}

const NOWHERE = new BlockList();
NOWHERE.addSubnet("0.0.0.0", 8);
NOWHERE.addSubnet("224.0.0.0", 4);
NOWHERE.addAddress("255.255.255.255");
NOWHERE.addAddress("::", "ipv6");
NOWHERE.addSubnet("ff00::", 8, "ipv6");

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

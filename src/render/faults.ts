import { isIP } from "node:net";
import type { Fault } from "./refusal.ts";

/** Rules for single values. Each says what is wrong without repeating the value. */

// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

/** One line of text that any of the files can carry: no line ends, no other control characters, valid Unicode. */
export function lineFault(value: string): Fault {
  if (!value.isWellFormed()) return "has half of a surrogate pair";
  return CONTROL.test(value) ? "has a control character or a line end" : undefined;
}

/** A line of text that is not empty and has no blank at either end, which files without quotes would lose. */
export function settingFault(value: string): Fault {
  if (value === "") return "is empty";
  return value.trim() === value ? lineFault(value) : "has a blank at an end";
}

/** A password. Patroni hands it on through .pgpass, where a line end would start another entry. */
export function passwordFault(value: string): Fault {
  return value === "" ? "is empty" : lineFault(value);
}

/** An address literal or a DNS name, written into files as it stands. */
export function addressFault(value: string): Fault {
  if (isIP(value) !== 0) return undefined;
  return DNS_NAME.test(value) && value.length <= 253 ? undefined : "is neither an IP address nor a DNS name";
}

const DNS_NAME = /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/;

/** A network in CIDR notation. */
export function networkFault(value: string): Fault {
  const [address = "", bits, ...rest] = value.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  const good =
    isIP(address) !== 0 && bits !== undefined && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
  return good ? undefined : "is not a network in CIDR notation";
}

/** A name of a host or a cluster that stands bare in files, addresses of units and DCS paths. */
export function labelFault(value: string): Fault {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value) ? undefined : "is not a DNS label";
}

/** An absolute path with nothing to quote in it, and none of its parts `..` or hidden. */
export function pathFault(value: string): Fault {
  return /^(\/[A-Za-z0-9_][A-Za-z0-9._-]*)+$/.test(value)
    ? undefined
    : "is not an absolute path of letters, digits, . _ and -";
}

export function portFault(value: number): Fault {
  return Number.isInteger(value) && value >= 1 && value <= 65535 ? undefined : "is not a port";
}

/** A whole number of something, not negative. JavaScript would print NaN or 1e21 as readily. */
export function countFault(value: number): Fault {
  return Number.isSafeInteger(value) && value >= 0 ? undefined : "is not a whole number from 0 up";
}

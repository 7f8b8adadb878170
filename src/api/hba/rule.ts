import { isIP } from "node:net";
import { canonicalAddress } from "../addresses.ts";
import type { HbaAddress } from "./address.ts";
import { shownLdapOptions } from "./ldap.ts";
import { SECRET_OPTIONS } from "./options.ts";
import type { HbaLine } from "./line.ts";
import { HBA_METHODS, HBA_TYPES } from "./words.ts";

/** A rule as pg_hba_file_rules shows it: https://www.postgresql.org/docs/current/view-pg-hba-file-rules.html */
export interface HbaFileRule {
  readonly line: number;
  readonly type: string;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly address: string;
  readonly mask: string;
  readonly method: string;
  /** Without those that hold passwords. */
  readonly options: readonly string[];
  /** Why PostgreSQL does not take the line; "" where it does. */
  readonly error: string;
  /** SHA-256 of the line as it is written, where there is an error. */
  readonly digest?: string;
}

/** The same text for a line and for the rule that PostgreSQL makes of it. */
export function keyOfLine({ type, databases, users, address, method, options }: HbaLine): string {
  return key({
    type,
    databases: databases.map(({ text }) => text),
    users: users.map(({ text }) => text),
    address: address?.address ?? "",
    mask: address?.kind === "network" ? address.mask : "",
    method: type === "local" && method === "ident" ? "peer" : method,
    options: method === "ldap" ? shownLdapOptions(options) : [...options].map(([name, value]) => `${name}=${value}`),
  });
}

/**
 * The line that PostgreSQL made a rule of, as far as the rule tells: not whether a word was quoted, nor what may be
 * secret. Undefined where it made none.
 */
export function lineOfRule(rule: Omit<HbaFileRule, "line" | "error">): HbaLine | undefined {
  const type = HBA_TYPES.find((known) => known === rule.type);
  const method = HBA_METHODS.find((known) => known === rule.method);
  if (type === undefined || method === undefined) return undefined;
  const words = (texts: readonly string[]): HbaLine["users"] => texts.map((text) => ({ text, quoted: false }));
  return {
    type,
    databases: words(rule.databases),
    users: words(rule.users),
    address: type === "local" ? undefined : addressOf(rule),
    method,
    options: new Map(
      rule.options.map((option) => {
        const [name = ""] = option.split("=", 1);
        return [name, option.slice(name.length + 1)];
      }),
    ),
  };
}

function addressOf({ address, mask }: Pick<HbaFileRule, "address" | "mask">): HbaAddress {
  if (address === "all" || address === "samehost" || address === "samenet") return { kind: "keyword", address };
  return isIP(address) === 0
    ? { kind: "name", address }
    : { kind: "network", address: canonicalAddress(address), mask: canonicalAddress(mask), written: address };
}

export function keyOfRule(rule: Omit<HbaFileRule, "line" | "error">): string {
  return key(rule);
}

function key({ type, databases, users, address, mask, method, options }: Omit<HbaFileRule, "line" | "error">): string {
  return JSON.stringify([
    type,
    databases,
    users,
    canonicalAddress(address),
    canonicalAddress(mask),
    method,
    ...optionsOf(options),
  ]);
}

/** Switches and passwords are shown by no version, or not by ours; LDAP's scheme not by every release. */
function optionsOf(options: readonly string[]): readonly string[] {
  return options
    .filter((option) => {
      const [name = ""] = option.split("=", 1);
      return !UNSHOWN.has(name) && option !== `${name}=`;
    })
    .toSorted();
}

const UNSHOWN: ReadonlySet<string> = new Set([
  ...SECRET_OPTIONS,
  "ldapscheme",
  "include_realm",
  "compat_realm",
  "upn_username",
  "pam_use_hostname",
  "delegate_ident_mapping",
]);

/** A rule as a person would write it, without what may be secret. */
export function ruleInWords({
  type,
  databases,
  users,
  address,
  mask,
  method,
}: Omit<HbaFileRule, "line" | "error">): string {
  return [type, databases.join(","), users.join(","), address, mask, method].filter((word) => word !== "").join(" ");
}

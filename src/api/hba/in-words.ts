import { list } from "../../text/words.ts";
import { lengthOf } from "./address.ts";
import type { HbaAddress } from "./address.ts";
import type { HbaField } from "./fields.ts";
import type { HbaLine } from "./line.ts";
import type { HbaMethod, HbaType } from "./words.ts";

/** Whose logins a line is for, behind "new logins": `of app to shop from 10.0.0.0/8 with TLS`. */
export function loginsInWords({ type, databases, users, address }: Omit<HbaLine, "method" | "options">): string {
  const whom = users.some(isAll) ? [] : [`of ${list(users.map(userInWords))}`];
  const where = databases.some(isAll) ? [] : [`to ${list(databases.map(databaseInWords))}`];
  return [...whom, ...where, placeInWords(address), ...(ENCRYPTION[type] ?? [])].join(" ");
}

/** How a line lets clients in: `by password and client certificate`. */
export function wayInWords({ method, options }: Pick<HbaLine, "method" | "options">): string {
  const certificate = options.has("clientcert") && method !== "cert" ? " and client certificate" : "";
  return method === "trust" && certificate !== "" ? "by client certificate" : `${WAYS[method]}${certificate}`;
}

const WAYS: Readonly<Record<HbaMethod, string>> = {
  trust: "without any password",
  reject: "never",
  "scram-sha-256": "by password",
  md5: "by password",
  password: "by password",
  gss: "by Kerberos",
  sspi: "by SSPI",
  ident: "by what their host's ident server says",
  peer: "as the operating system's user of that name",
  ldap: "by LDAP",
  radius: "by RADIUS",
  cert: "by client certificate",
  pam: "by PAM",
  bsd: "by BSD authentication",
  oauth: "by OAuth",
};

const ENCRYPTION: Partial<Record<HbaType, readonly string[]>> = {
  hostssl: ["with TLS"],
  hostnossl: ["without TLS"],
  hostgssenc: ["with GSSAPI encryption"],
  hostnogssenc: ["without GSSAPI encryption"],
};

function isAll({ text, quoted }: HbaField[number]): boolean {
  return text === "all" && !quoted;
}

function userInWords({ text, quoted }: HbaField[number]): string {
  if (text.startsWith("/")) return `roles like ${text}`;
  return !quoted && text.startsWith("+") ? `members of ${text.slice(1)}` : text;
}

function databaseInWords({ text, quoted }: HbaField[number]): string {
  if (text.startsWith("/")) return `databases like ${text}`;
  const meaning = quoted ? undefined : KEYWORDS.get(text);
  return meaning ?? `the database ${text}`;
}

const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["replication", "replicate"],
  ["sameuser", "the database of their own name"],
  ["samerole", "the database of a role of theirs"],
  ["samegroup", "the database of a role of theirs"],
]);

function placeInWords(address: HbaAddress | undefined): string {
  if (address === undefined) return "over the socket";
  if (address.kind === "keyword") return KEYWORD_PLACES[address.address];
  if (address.kind === "name") return `from ${address.address}`;
  const bits = lengthOf(address.mask);
  if (bits === 0) return address.address.includes(":") ? "over IPv6" : "over IPv4";
  if (bits === undefined) return `from ${address.address} ${address.mask}`;
  return `from ${address.address}${bits === (address.address.includes(":") ? 128 : 32) ? "" : `/${bits}`}`;
}

const KEYWORD_PLACES = {
  all: "over the network",
  samehost: "from the host itself",
  samenet: "from the host's own networks",
} as const;

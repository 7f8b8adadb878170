import { partsOfUrl } from "./ldap.ts";
import type { HbaField } from "./fields.ts";
import type { HbaMethod, HbaType } from "./words.ts";

export type HbaOptions = ReadonlyMap<string, string>;

interface Option {
  readonly methods: readonly HbaMethod[] | "any";
  /** Types of lines that may have it. */
  readonly types?: readonly HbaType[];
  readonly values?: RegExp;
  readonly since?: number;
}

const LDAP: Option = { methods: ["ldap"] };
const RADIUS: Option = { methods: ["radius"] };
const OAUTH: Option = { methods: ["oauth"], since: 18 };
const NUMBER = /^[1-9][0-9]*$/;

/** https://www.postgresql.org/docs/current/client-authentication.html, a page a method; parse_hba_auth_opt in hba.c. */
const OPTIONS: Readonly<Record<string, Option>> = {
  map: { methods: ["ident", "peer", "gss", "sspi", "cert", "oauth"] },
  clientcert: { methods: "any", types: ["hostssl"], values: /^verify-(ca|full)$/ },
  clientname: { methods: "any", types: ["hostssl"], values: /^(CN|DN)$/, since: 14 },
  pamservice: { methods: ["pam"] },
  pam_use_hostname: { methods: ["pam"] },
  ldapurl: { ...LDAP, values: /^ldaps?:\/\// },
  ldaptls: LDAP,
  ldapscheme: { ...LDAP, values: /^ldaps?$/ },
  ldapserver: LDAP,
  ldapport: { ...LDAP, values: NUMBER },
  ldapbinddn: LDAP,
  ldapbindpasswd: LDAP,
  ldapsearchattribute: LDAP,
  ldapsearchfilter: LDAP,
  ldapbasedn: LDAP,
  ldapprefix: LDAP,
  ldapsuffix: LDAP,
  krb_realm: { methods: ["gss", "sspi"] },
  include_realm: { methods: ["gss", "sspi"] },
  compat_realm: { methods: ["sspi"] },
  upn_username: { methods: ["sspi"] },
  radiusservers: RADIUS,
  radiussecrets: RADIUS,
  radiusports: { ...RADIUS, values: /^[0-9]+(\s*,\s*[0-9]+)*$/ },
  radiusidentifiers: RADIUS,
  issuer: OAUTH,
  scope: OAUTH,
  validator: OAUTH,
  delegate_ident_mapping: OAUTH,
};

/** Options that hold passwords: never shown. */
export const SECRET_OPTIONS: readonly string[] = ["ldapbindpasswd", "radiussecrets"];

/** A line up to its first password: however that is quoted, what follows may be a part of it. */
export function withoutSecrets(line: string): string {
  return line.replace(new RegExp(`(${SECRET_OPTIONS.join("|")}).*$`, "s"), "$1=***");
}

/** Reads `name=value` fields behind the method. */
export function readOptions(
  fields: readonly HbaField[],
  line: { readonly type: HbaType; readonly method: HbaMethod; readonly version: number },
): { readonly options: HbaOptions } | { readonly fault: string } {
  const options = new Map<string, string>();
  for (const { text } of fields.flat()) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (!text.includes("="))
      return {
        fault:
          `has ${options.size > 0 ? "a word" : JSON.stringify(text)} behind the method that is no ` +
          "option: they stand as name=value, in quotation marks if there is a blank in it",
      };
    const fault = optionFault(name, value, line);
    if (fault !== undefined) return { fault };
    options.set(name, value);
  }
  const fault = lacking(line.method, options);
  return fault === undefined ? { options } : { fault };
}

function optionFault(
  name: string,
  value: string,
  { type, method, version }: { readonly type: HbaType; readonly method: HbaMethod; readonly version: number },
): string | undefined {
  const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (option === undefined || (option.since ?? 0) > version)
    return `has an option ${JSON.stringify(name)} that PostgreSQL ${version} does not know`;
  if (option.methods !== "any" && !option.methods.includes(method))
    return `has the option ${name}, which is for ${option.methods.join(", ")}, not for ${method}`;
  if (option.types?.includes(type) === false)
    return `has the option ${name}, which only ${option.types.join(", ")} lines have`;
  if (option.values?.test(value) === false) return `has a value of the option ${name} that PostgreSQL does not take`;
  if (name === "clientcert" && method === "cert" && value !== "verify-full")
    return "has clientcert=verify-ca, but the method cert asks for verify-full by itself";
  return undefined;
}

/** What a method cannot do without, and what excludes each other. */
function lacking(method: HbaMethod, options: HbaOptions): string | undefined {
  const missing = (...names: readonly string[]): string | undefined =>
    names.filter((name) => !options.has(name)).map((name) => `uses ${method} without its option ${name}`)[0];
  switch (method) {
    case "ldap":
      return ldapFault(options);
    case "radius":
      return missing("radiusservers", "radiussecrets") ?? radiusFault(options);
    case "oauth":
      return missing("issuer", "scope");
    default:
      return undefined;
  }
}

function ldapFault(options: HbaOptions): string | undefined {
  const url = partsOfUrl(options.get("ldapurl") ?? "");
  const has = (...names: readonly string[]): boolean => names.some((name) => options.has(name) || url.get(name));
  const attribute = url.get("ldapsearchattribute") ?? "";
  const searches = has("ldapbasedn");
  if (has("ldapprefix", "ldapsuffix")) {
    return searches ||
      attribute !== "" ||
      has("ldapbinddn", "ldapbindpasswd", "ldapsearchattribute", "ldapsearchfilter")
      ? "mixes ldapprefix or ldapsuffix with options of a search (ldapbasedn, ldapbinddn, ...): one way or the other"
      : undefined;
  }
  if (!searches) return "uses ldap without one of its options ldapbasedn, ldapprefix, ldapsuffix";
  return has("ldapsearchattribute") && has("ldapsearchfilter")
    ? "has both ldapsearchattribute and ldapsearchfilter"
    : undefined;
}

/** One of each, or one for all servers. */
function radiusFault(options: HbaOptions): string | undefined {
  const sizeOf = (name: string): number => (options.get(name) ?? "").split(",").length;
  const servers = sizeOf("radiusservers");
  const uneven = ["radiussecrets", "radiusports", "radiusidentifiers"].find(
    (name) => options.has(name) && sizeOf(name) !== 1 && sizeOf(name) !== servers,
  );
  return uneven === undefined ? undefined : `has another number of ${uneven} than of radiusservers`;
}

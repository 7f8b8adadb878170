import { ENCODING_NAMES, encodingNamed, encodingOfCharset } from "../parameters/encoding.ts";
import type { Resource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { closest } from "../suggest.ts";
import { problem, type Finding } from "./finding.ts";

/** spec.postgresql.encoding and locale: what initdb would refuse. Whether a host has the locale, it says itself. */
export function* localeRules(resources: readonly Resource[]): Iterable<Finding> {
  for (const resource of resources) {
    if (resource.kind !== "PostgresHACluster") continue;
    const { encoding, locale } = resource.spec.postgresql;
    const known = encodingNamed(encoding);
    const [, charset] = /\.([^@]+)/.exec(locale) ?? [];
    if (known === undefined) {
      const meant = closest(encoding.toUpperCase(), ENCODING_NAMES);
      yield problem(
        resource,
        "spec.postgresql.encoding",
        `${shown(encoding)} is no character set that a PostgreSQL server can have`,
        `${meant === undefined ? "" : `did you mean ${meant}? `}write UTF8 unless there is a reason for another`,
      );
    } else if (charset !== undefined) {
      const fault = encodingFault(known, charset);
      if (fault !== undefined)
        yield problem(resource, "spec.postgresql.locale", `${shown(locale)} ${fault.why}`, fault.wayOut);
    }
  }
}

/** Why initdb would not have a locale of this character set with this encoding. */
export function encodingFault(
  encoding: string,
  charset: string,
): { readonly why: string; readonly wayOut: string } | undefined {
  const wants = encodingOfCharset(charset);
  const name = encodingNamed(encoding);
  if (wants === "none")
    return { why: `is for ${charset}, which no PostgreSQL server can have`, wayOut: "write a locale for UTF-8" };
  if (wants === "any" || name === undefined || name === "SQL_ASCII" || name === wants) return undefined;
  return {
    why: `is for ${charset}, and the encoding is ${encoding}: initdb refuses the two together`,
    wayOut: `set encoding to ${wants}, or a locale for ${encoding}; C goes with every encoding`,
  };
}

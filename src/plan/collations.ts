import type { CollationUse, Libraries } from "../facts/collations.ts";
import { list } from "../text/words.ts";

/** A cluster's text between two places where its PostgreSQL may run. */
export interface CollationsMove {
  readonly from: Libraries;
  readonly to: Libraries;
  /** What goes by an order that a library decides; undefined where nobody says. */
  readonly uses: readonly CollationUse[] | undefined;
  /** "the host itself", "a container of the image 0123456789ab" */
  readonly words: { readonly from: string; readonly to: string };
}

/**
 * Why what is ordered in one place would be out of order in the other; undefined where it would not. An index in
 * another order than its library's finds rows no more that are there, and takes two that are the same, and nobody says
 * so: https://www.postgresql.org/docs/current/sql-altercollation.html#SQL-ALTERCOLLATION-NOTES
 */
export function collationFault({ from, to, uses, words }: CollationsMove): string | undefined {
  const differs = (library: "libc" | "icu"): boolean => from[library] === undefined || from[library] !== to[library];
  // Upper case, classes of letters and all else that is not order are others as well.
  const isMusl = [from.libc, to.libc].includes("musl") && differs("libc");
  const touched = uses?.filter(({ provider }) => differs(provider));
  if (!isMusl && touched?.length === 0) return undefined;
  if (touched === undefined && !differs("libc") && (from.icu === to.icu || from.icu === undefined)) return undefined;
  const libraries = (["libc", "icu"] as const)
    .filter((one) => (one === "libc" && isMusl) || touched?.some(({ provider }) => provider === one) !== false)
    .filter(differs)
    .map((one) => `${words.from} has ${said(one, from)}, and ${words.to} has ${said(one, to)}`);
  return (
    `text would be ordered by another library: ${libraries.join("; ")}. Indexes on text could silently be wrong there` +
    (touched === undefined || touched.length === 0 ? "" : `: ${usesInWords(touched)}`)
  );
}

/** Locales that something goes by and the other place does not have: what is asked there would fail. */
export function localesMissing({ to, uses = [] }: Pick<CollationsMove, "to" | "uses">): readonly string[] {
  if (to.locales.length === 0) return [];
  const there = new Set(to.locales.map(plain));
  const used = uses.flatMap(({ provider, locale }) => (provider === "libc" ? [locale] : []));
  return [...new Set(used)].filter((locale) => !there.has(plain(locale)));
}

/** `en_US.UTF-8` and `en_US.utf8` are the same. */
function plain(locale: string): string {
  return locale.toLowerCase().replace("utf-8", "utf8");
}

function said(library: "libc" | "icu", libraries: Libraries): string {
  const version = libraries[library];
  if (library === "icu") return version === undefined ? "no ICU" : `ICU ${version}`;
  return version ?? "a C library that says no version";
}

/** A few of them; whole databases first. */
function usesInWords(uses: readonly CollationUse[]): string {
  const sorted = uses.toSorted((one, other) => Number(one.index !== undefined) - Number(other.index !== undefined));
  const shown = sorted.slice(0, SHOWN).map(({ database, index, provider, locale, version }) => {
    const what = index === undefined ? `the database ${database}` : `the index ${index} of ${database}`;
    return `${what} (${provider} ${locale}${version === undefined ? "" : `, noted with ${version}`})`;
  });
  return list([...shown, ...(uses.length > SHOWN ? [`${uses.length - SHOWN} more`] : [])]);
}

const SHOWN = 6;

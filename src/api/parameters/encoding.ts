import { entryOf } from "../entry-of.ts";

/**
 * Character sets that a server may have, by PostgreSQL's name without its marks:
 * https://www.postgresql.org/docs/current/multibyte.html
 */
const ENCODINGS: ReadonlyMap<string, string> = new Map(
  `SQL_ASCII UTF8 EUC_CN EUC_JP EUC_JIS_2004 EUC_KR EUC_TW ISO_8859_5 ISO_8859_6 ISO_8859_7 ISO_8859_8 KOI8R KOI8U
   LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 LATIN6 LATIN7 LATIN8 LATIN9 LATIN10 MULE_INTERNAL WIN866 WIN874 WIN1250 WIN1251
   WIN1252 WIN1253 WIN1254 WIN1255 WIN1256 WIN1257 WIN1258`
    .split(/\s+/)
    .map((name): [string, string] => [bare(name), name]),
);

/** Further names that PostgreSQL takes. */
const ALIASES: Readonly<Record<string, string>> = {
  alt: "WIN866",
  koi8: "KOI8R",
  unicode: "UTF8",
  win: "WIN1251",
  abc: "WIN1258",
  tcvn: "WIN1258",
  tcvn5712: "WIN1258",
  vscii: "WIN1258",
  iso88591: "LATIN1",
  iso88592: "LATIN2",
  iso88593: "LATIN3",
  iso88594: "LATIN4",
  iso88599: "LATIN5",
  iso885910: "LATIN6",
  iso885913: "LATIN7",
  iso885914: "LATIN8",
  iso885915: "LATIN9",
  iso885916: "LATIN10",
};

/** PostgreSQL's own name of what somebody wrote as an encoding; undefined when no server can have it. */
export function encodingNamed(written: string): string | undefined {
  const name = bare(written);
  return ENCODINGS.get(name) ?? entryOf(ALIASES, name) ?? ENCODINGS.get(name.replace(/^windows(?=[0-9])/, "win"));
}

/** Every name that may be written. */
export const ENCODING_NAMES: readonly string[] = [...ENCODINGS.values()];

/** Character sets of glibc's that PostgreSQL calls otherwise, or that no server may have ("none"). */
const CHARSETS: Readonly<Record<string, string>> = {
  ansix341968: "any",
  usascii: "any",
  sqlascii: "any",
  gb2312: "EUC_CN",
  ...Object.fromEntries(
    ["big5", "big5hkscs", "gb18030", "gbk", "johab", "shiftjis", "sjis", "uhc"].map((n) => [n, "none"]),
  ),
};

/**
 * The encoding that a locale's character set asks for; "any" for C and POSIX, and for what PostgreSQL does not know and
 * leaves to people; "none" where no server can have it.
 */
export function encodingOfCharset(charset: string): string {
  const name = bare(charset);
  return entryOf(CHARSETS, name) ?? encodingNamed(name.replace(/^(cp|ibm)(?=[0-9])/, "win")) ?? "any";
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

import { DB, testCases } from "../cases.ts";
import type { Stack } from "../stack.ts";

const set =
  (change: Partial<Stack["cluster"]["spec"]["postgresql"]>) =>
  ({ cluster }: Stack) =>
    void Object.assign(cluster.spec.postgresql, change);

testCases([
  ...["UTF-9", "UTF16", "GBK", "SJIS", "BIG5", "CP1252", "banana"].map((encoding) => ({
    reason: `encoding ${encoding}, which no server can have, is refused`,
    spoil: set({ encoding, locale: "C" }),
    problems: [`${DB} spec.postgresql.encoding`],
  })),
  ...[
    "UTF8",
    "utf8",
    "Unicode",
    "SQL_ASCII",
    "LATIN1",
    "iso88591",
    "ISO_8859_15",
    "win1252",
    "WINDOWS1252",
    "KOI8",
  ].map((encoding) => ({ reason: `encoding ${encoding} is accepted`, spoil: set({ encoding, locale: "C" }) })),
  ...(
    [
      ["LATIN1", "C.UTF-8"],
      ["UTF8", "de_DE.ISO-8859-1"],
      ["UTF8", "ru_RU.KOI8-R"],
      ["LATIN9", "de_DE.iso88591"],
      ["UTF8", "zh_CN.GB18030"],
    ] as const
  ).map(([encoding, locale]) => ({
    reason: `${locale} does not go with ${encoding}`,
    spoil: set({ encoding, locale }),
    problems: [`${DB} spec.postgresql.locale`],
    says: /is for/,
  })),
  ...(
    [
      ["UTF8", "en_US.utf8"],
      ["UTF8", "C"],
      ["LATIN1", "POSIX"],
      ["LATIN1", "de_DE.ISO-8859-1"],
      ["LATIN9", "de_DE.ISO-8859-15@euro"],
      ["WIN1251", "ru_RU.CP1251"],
      ["SQL_ASCII", "en_US.UTF-8"],
      ["UTF8", "de_DE@euro"],
    ] as const
  ).map(([encoding, locale]) => ({
    reason: `${locale} goes with ${encoding}, as far as that can be told without a host`,
    spoil: set({ encoding, locale }),
  })),
  {
    reason: "an extension that another major has is told to be another's",
    spoil: ({ cluster }) => {
      cluster.spec.databases = [{ name: "app", owner: "app", extensions: ["adminpack", "pg_walinspect"] }];
      cluster.spec.roles = [{ name: "app" }];
    },
    problems: [`${DB} spec.databases[0].extensions[0]`],
    says: /13 to 16/,
  },
]);

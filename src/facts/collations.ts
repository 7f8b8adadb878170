import { insideOf } from "../desired/container.ts";
import { PATRONI, PATRONI_INSIDE } from "../desired/services.ts";
import { findPsqlOf } from "../shell/psql.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { askImage, untilLookEnds } from "./ask-image.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { asRecords, asString, parseJson } from "./narrow.ts";

/** What orders text for a PostgreSQL: the C library and ICU that it is linked with. */
export interface Libraries {
  /** `glibc 2.41`, `musl`; undefined where nobody says. */
  readonly libc?: string;
  /** Major version; undefined where its PostgreSQL has none, or is not there. */
  readonly icu?: string;
  /** The C library's; empty where nobody says. */
  readonly locales: readonly string[];
}

/** What of a cluster goes by an order of text that a library decides. */
export interface CollationUse {
  readonly database: string;
  /** An index that names a collation of its own; left out, it is the whole database. */
  readonly index?: string;
  readonly provider: "libc" | "icu";
  /** As its library calls it. */
  readonly locale: string;
  /** The library's, as PostgreSQL noted it. */
  readonly version?: string;
}

/** Asked of a member that is to be moved, and only then. */
export interface CollationsFact {
  readonly host: Libraries;
  /** Of the image that it is to run from, or of the container that it runs in. */
  readonly container: Libraries;
  /** Whether anybody could be asked about the latter yet. */
  readonly isAsked: boolean;
  /** Undefined where its PostgreSQL did not say. */
  readonly uses?: readonly CollationUse[];
}

/**
 * Undefined where Patroni's unit is what it is to be: then nothing more is done than to look for a file.
 */
export function collationsFact(question: {
  readonly version: number;
  readonly port: number;
  readonly image?: string;
}): Fact<CollationsFact | undefined> {
  const { version, port, image } = question;
  const inside = image === undefined ? insideRunning(version) : insideImage(image, version);
  return {
    command: sh`[ -f ${image === undefined ? PATRONI_INSIDE.unitFile : PATRONI.unitFile} ] || exit 0
${untilLookEnds}
${findPsqlOf(insideOf(PATRONI.unit))}
echo asked
sh -c ${LIBRARIES} - ${version} | sed 's/^/host /'
${inside}
export PGOPTIONS='-c default_transaction_read_only=on -c statement_timeout=3000 -c lock_timeout=1000'
ask() {
  PGDATABASE=$1 PGHOST=/var/run/postgresql PGPORT=${port} PGUSER=postgres \
    $as "$psql" -X -A -t -q -c "$2" </dev/null
}
ask postgres ${NAMES} | while IFS= read -r d; do ask "$d" ${USES}; done
ask postgres ${DATABASES} && echo told
true`,
    parse,
  };
}

function insideRunning(version: number): Command {
  const file = insideOf(PATRONI.unit);
  return sh`if [ -r ${file} ] && read -r a b <${file} && [ -d "/proc/$a/root/" ]; then
  nsenter -t "$a" -m -- sh -c ${LIBRARIES} - ${version} | sed 's/^/container /'
fi`;
}

function insideImage(image: string, version: number): Command {
  const asked = { name: "libraries", script: LIBRARIES, last: "libraries", words: [String(version)] };
  return sh`${askImage(image, asked, sh`docker image inspect --format . ${image} >/dev/null`)}
[ ! -s "$f" ] || sed 's/^/container /' "$f"`;
}

/** Any shell with ldd or getconf can do it. */
const LIBRARIES = String.raw`
n='
'
s=$(ldd --version 2>&1)
case $s in
*musl*) echo 'libc musl' ;;
*) s=@{s%%"$n"*}; echo "libc glibc @{s##* }" ;;
esac
for p in /usr/lib/postgresql/$1/bin/postgres "$(command -v postgres)"; do
  [ -x "$p" ] || continue
  ldd "$p" 2>/dev/null | while read -r a b; do
    case $a in libicui18n.so.*) echo "icu @{a#libicui18n.so.}" ;; esac
  done
  break
done
locale -a 2>/dev/null | while read -r a; do echo "locale $a"; done
echo 'libraries asked'
`.replaceAll("@{", "${");

/** Of C, POSIX and C.UTF-8 the order is that of bytes, whatever library has them. */
const DECIDED = String.raw`!~* '^(C|POSIX)(\.|$)'`;

const NAMES = "SELECT datname FROM pg_database WHERE datallowconn";

const DATABASES = String.raw`SELECT coalesce(json_agg(json_build_object('database', datname, 'provider', p,
  'locale', coalesce(j->>'datlocale', j->>'daticulocale', j->>'datcollate'), 'version', j->>'datcollversion')), '[]')
  FROM (SELECT datname, to_json(d) AS j, coalesce(to_json(d)->>'datlocprovider', 'c') AS p FROM pg_database d) AS all_of
  WHERE p = 'i' OR (p = 'c' AND j->>'datcollate' ${DECIDED})`;

const USES = String.raw`SELECT coalesce(json_agg(json_build_object('database', current_database(), 'index', name,
  'provider', p, 'locale', locale, 'version', collversion)), '[]')
  FROM (SELECT DISTINCT ON (c.oid) i.indexrelid::regclass::text AS name, c.collprovider AS p, c.collversion,
      coalesce(c.collcollate, c.collname) AS locale
    FROM pg_index i, unnest(i.indcollation::oid[]) AS o JOIN pg_collation c ON c.oid = o
    WHERE c.collprovider = 'i' OR (c.collprovider = 'c' AND c.collcollate ${DECIDED})) AS all_of`;

function parse({ stdout }: FactOutput): CollationsFact | undefined {
  const lines = stdout.split("\n");
  if (!lines.includes("asked")) return undefined;
  const rows = lines.filter((line) => line.startsWith("[")).flatMap((line) => asRecords(parseJson(line)));
  return {
    host: librariesIn(lines, "host"),
    container: librariesIn(lines, "container"),
    isAsked: lines.includes("container libraries asked"),
    ...(lines.includes("told") ? { uses: rows.map(useOf) } : {}),
  };
}

function librariesIn(lines: readonly string[], whose: string): Libraries {
  const told = (what: string): string | undefined =>
    lines.find((line) => line.startsWith(`${whose} ${what} `))?.slice(`${whose} ${what} `.length);
  const [libc, icu] = [told("libc"), told("icu")];
  return {
    ...(libc === undefined || !/^(?:musl|glibc [0-9.]+)$/.test(libc) ? {} : { libc }),
    ...(icu === undefined ? {} : { icu }),
    locales: lines.flatMap((line) =>
      line.startsWith(`${whose} locale `) ? line.slice(`${whose} locale `.length) : [],
    ),
  };
}

function useOf(row: Readonly<Record<string, unknown>>): CollationUse {
  const [index, version] = [asString(row["index"]), asString(row["version"])];
  return {
    database: asString(row["database"]) ?? "",
    ...(index === undefined ? {} : { index }),
    provider: row["provider"] === "i" ? "icu" : "libc",
    locale: asString(row["locale"]) ?? "",
    ...(version === undefined ? {} : { version }),
  };
}

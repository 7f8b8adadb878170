import { encodingNamed } from "./encoding.ts";
import { closest } from "../suggest.ts";

interface Fault {
  readonly why: string;
  readonly wayOut: string;
}

/** Settings of type string that PostgreSQL looks into all the same, as far as that can be told without a server. */
export function textFault(name: string, text: string): Fault | undefined {
  return CHECKS.get(name)?.(text);
}

/** Those that can mask pages. */
const RESOURCE_MANAGERS = "all heap heap2 btree hash gin gist sequence spgist brin generic".split(" ");

const CHECKS: ReadonlyMap<string, (text: string) => Fault | undefined> = new Map([
  ["datestyle", dateStyle],
  ["timezone", timeZone],
  ["log_timezone", timeZone],
  ["log_destination", listOf(["stderr", "csvlog", "jsonlog", "syslog", "eventlog"])],
  // A list since 18.
  ["log_connections", connections],
  ["log_line_prefix", prefix],
  ["search_path", names],
  ["temp_tablespaces", names],
  ["shared_preload_libraries", libraries],
  ["session_preload_libraries", libraries],
  ["local_preload_libraries", plugins],
  ["wal_consistency_checking", wordsOf(RESOURCE_MANAGERS)],
  ["createrole_self_grant", wordsOf(["set", "inherit"])],
  ["restrict_nonsystem_relation_kind", wordsOf(["view", "foreign-table"])],
  ["debug_io_direct", wordsOf(["data", "wal", "wal_init"])],
  ["client_encoding", clientEncoding],
  ["backtrace_functions", functions],
  ["default_table_access_method", notEmpty],
  ["application_name", ascii],
  ["lc_messages", locale],
  ["lc_monetary", locale],
  ["lc_numeric", locale],
  ["lc_time", locale],
]);

/** Words that stand alone or in a list, none of them too. */
function wordsOf(words: readonly string[]): (text: string) => Fault | undefined {
  const check = listOf(words);
  return (text) => (text.trim() === "" ? undefined : check(text));
}

function clientEncoding(text: string): Fault | undefined {
  return encodingNamed(text) !== undefined || CLIENT_ENCODINGS.has(text.toLowerCase().replaceAll(/[^a-z0-9]/g, ""))
    ? undefined
    : {
        why: "is no character set that PostgreSQL knows",
        wayOut: "write UTF8, or leave it out: clients say their own",
      };
}

const CLIENT_ENCODINGS: ReadonlySet<string> = new Set(
  (
    "big5 gb18030 gbk johab mskanji shiftjis shiftjis2004 sjis uhc win932 win936 win949 win950 windows932 " +
    "windows936 windows949 windows950"
  ).split(" "),
);

function ascii(text: string): Fault | undefined {
  return /^[ -~]*$/.test(text)
    ? undefined
    : { why: "has other than ASCII letters in it, which PostgreSQL replaces", wayOut: "write it in ASCII" };
}

function functions(text: string): Fault | undefined {
  return /^[A-Za-z0-9_, \t]*$/.test(text)
    ? undefined
    : { why: "is no list of functions in C", wayOut: "write their names with commas between them" };
}

function notEmpty(text: string): Fault | undefined {
  return text === "" ? { why: "must not be empty", wayOut: "leave it out" } : undefined;
}

function listOf(words: readonly string[]): (text: string) => Fault | undefined {
  return (text) => {
    const wrong = itemsOf(text).find((item) => !words.includes(item.toLowerCase()));
    if (wrong === undefined) return undefined;
    const meant = closest(wrong, words);
    return {
      why: `has ${wrong === "" ? "an empty item" : wrong} in it`,
      wayOut: `${meant === undefined ? "" : `did you mean ${meant}? `}write a list of ${words.join(", ")}`,
    };
  };
}

function connections(text: string): Fault | undefined {
  if (text === "" || /^(on|off|true|false|yes|no|0|1)$/i.test(text)) return undefined;
  return listOf(["receipt", "authentication", "authorization", "setup_durations", "all"])(text);
}

/** https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-OUTPUT */
function dateStyle(text: string): Fault | undefined {
  const formats = new Set<string>();
  const orders = new Set<string>();
  for (const item of itemsOf(text.toLowerCase())) {
    if (/^(iso|sql|german|postgres.*)$/.test(item)) formats.add(item.slice(0, 3));
    else if (/^(ymd|dmy|mdy|us|euro.*|noneuro.*)$/.test(item)) orders.add(ORDERS[item.slice(0, 3)] ?? item);
    else if (item !== "default")
      return { why: `has ${item === "" ? "an empty item" : item} in it`, wayOut: "write something like 'ISO, DMY'" };
  }
  return formats.size > 1 || orders.size > 1
    ? { why: "asks for two things at once", wayOut: "write one output style and one order, such as 'ISO, DMY'" }
    : undefined;
}

const ORDERS: Readonly<Record<string, string>> = { eur: "dmy", non: "mdy", us: "mdy" };

/**
 * Names of the time zone database in any letter case, or POSIX's own notation. Whether a host has an old name, it says
 * itself.
 */
function timeZone(text: string): Fault | undefined {
  if (/^[+-]?[0-9.]+$/.test(text) || /^(<[^>]+>|[A-Za-z]{3,})[+-]?[0-9]/.test(text) || /^interval\b/i.test(text))
    return undefined;
  if (isZone(text)) return undefined;
  const meant = closest(text, Intl.supportedValuesOf("timeZone"));
  return {
    why: "is no time zone",
    wayOut: `${meant === undefined ? "" : `did you mean ${meant}? `}write a name such as Europe/Berlin or UTC`,
  };
}

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return ["localtime", "posixrules", "factory"].includes(text.toLowerCase()) || /^(posix|right)\//.test(text);
  }
}

/** A prefix with a line end would break the log; unknown escapes are dropped in silence. */
function prefix(text: string): Fault | undefined {
  const unknown = [...text.matchAll(/%-?[0-9]*(.|$)/gsu)].find(([, escape]) => !ESCAPES.includes(escape ?? ""));
  return unknown === undefined || unknown[1] === ""
    ? undefined
    : {
        why: `has ${unknown[0]} in it, which stands for nothing`,
        wayOut: "see log_line_prefix in PostgreSQL's manual; a % itself is written %%",
      };
}

const ESCAPES = "abcdehilLmnPpQqrstuvx%";

/**
 * Names separated by commas, quoted where they are not plain:
 * https://www.postgresql.org/docs/current/runtime-config-client.html
 */
function names(text: string): Fault | undefined {
  if (text.trim() === "") return undefined;
  return /^\s*("([^"]|"")+"|[^\s,"']+)(\s*,\s*("([^"]|"")+"|[^\s,"']+))*\s*$/.test(text)
    ? undefined
    : { why: "is no list of names", wayOut: `write names with commas between them, such as '"$user", public'` };
}

function libraries(text: string): Fault | undefined {
  const wrong = itemsOf(text).find((item) => text.trim() !== "" && !/^(\$libdir\/)?[A-Za-z0-9_./-]+$/.test(item));
  return wrong === undefined
    ? undefined
    : {
        why: wrong === "" ? "has an empty item in it" : `has ${wrong} in it, which is no name of a library`,
        wayOut: "write the libraries' names with commas between them, such as 'pg_stat_statements,auto_explain'",
      };
}

/** What any user may load has to be among the plugins. */
function plugins(text: string): Fault | undefined {
  const elsewhere = itemsOf(text).find((item) => item.includes("/") && !item.startsWith("$libdir/plugins/"));
  return elsewhere === undefined
    ? libraries(text)
    : { why: `has ${elsewhere} in it, which is no plugin`, wayOut: "write names of files in $libdir/plugins" };
}

function locale(text: string): Fault | undefined {
  return text === "" || /^[A-Za-z][A-Za-z0-9_.@-]*$/.test(text)
    ? undefined
    : { why: "is no name of a locale", wayOut: "write one that every host has (locale -a), such as C.UTF-8" };
}

/** What stands between commas, without quotes and blanks around it. */
export function itemsOf(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim().replace(/^"(.*)"$/s, "$1"));
}

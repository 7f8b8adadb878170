import {
  comesWithPostgreSQL,
  dataDirectoryOf,
  itemsOf,
  judgeValue,
  libraryComesWithPostgreSQL,
  packageOf,
  settingsOf,
} from "../api/index.ts";
import type { PostgresHACluster } from "../api/index.ts";

/** A file that has to be on every member before a spec may be applied. */
export interface NeededFile {
  /** What it is, in words: `the library pg_cron`. */
  readonly what: string;
  /** The setting that names it; undefined for an extension. */
  readonly setting?: string;
  readonly extension?: { readonly name: string; readonly database: string };
  /** One of these is enough. */
  readonly paths: readonly string[];
  /** The package that pgha installs, and the file with it: nothing is missing before that. */
  readonly comesWith?: string;
  /** Debian's package that has it, as far as that can be told. */
  readonly package?: string;
}

export interface Needed {
  readonly files: readonly NeededFile[];
  /** Locales that glibc need not have, each with the settings that name it; `locale` stands for initdb's. */
  readonly locales: ReadonlyMap<string, readonly string[]>;
}

type Parameters = Readonly<Record<string, number | string>>;

/** What a spec names that has to be on the members as files: libraries, extensions, certificates, locales. */
export function neededOf(cluster: PostgresHACluster, parameters: Parameters): Needed {
  const { version, locale } = cluster.spec.postgresql;
  const locales = new Map<string, string[]>();
  const named = LOCALE_SETTINGS.map((name): [string, string] => [name, String(parameters[name] ?? "")]);
  for (const [name, value] of [["locale", locale] as const, ...named])
    if (!ALWAYS_THERE.test(value)) locales.set(value, [...(locales.get(value) ?? []), name]);
  const files = [
    ...libraries(version, parameters),
    ...extensions(cluster, parameters),
    ...certificates(cluster, parameters),
  ];
  return { files: cluster.spec.runtime === "container" ? files.map((file) => inImage(file, version)) : files, locales };
}

/** No package brings it, and an image that PostgreSQL was built in has it below /usr/local. */
function inImage({ comesWith: _, package: __, paths, ...file }: NeededFile, version: number): NeededFile {
  const elsewhere = paths.map((path) =>
    path
      .replace(libraryDirectory(version), "/usr/local/lib/postgresql")
      .replace(shareDirectory(version), "/usr/local/share/postgresql"),
  );
  return { ...file, paths: [...new Set([...elsewhere, ...paths])] };
}

const LOCALE_SETTINGS = ["lc_messages", "lc_monetary", "lc_numeric", "lc_time"] as const;

/** What every glibc of Debian and Ubuntu has; "" is the one that the server was started with. */
const ALWAYS_THERE = /^(|C|POSIX|C\.(UTF-8|utf8))$/i;

const libraryDirectory = (version: number): string => `/usr/lib/postgresql/${version}/lib`;
const shareDirectory = (version: number): string => `/usr/share/postgresql/${version}`;

function* libraries(version: number, parameters: Parameters): Iterable<NeededFile> {
  for (const setting of [
    "shared_preload_libraries",
    "session_preload_libraries",
    "local_preload_libraries",
    "archive_library",
    "jit_provider",
  ])
    for (const written of itemsOf(String(parameters[setting] ?? ""))) {
      if (written === "") continue;
      const name = written.replace(/^.*\//, "").replace(/\.so$/, "");
      yield {
        what: `the library ${written}`,
        setting,
        paths: libraryPaths(written, version, setting, parameters),
        ...(libraryComesWithPostgreSQL(name, version)
          ? { comesWith: bringer(name, version) }
          : { package: packageOf(name, version) }),
      };
    }
  const abbreviations = parameters["timezone_abbreviations"];
  if (abbreviations !== undefined)
    yield {
      what: `the time zone abbreviations ${abbreviations}`,
      setting: "timezone_abbreviations",
      paths: [`${shareDirectory(version)}/timezonesets/${abbreviations}`],
      comesWith: bringer("", version),
    };
}

/** As expand_dynamic_library_name of PostgreSQL's dfmgr.c; a local_preload_library is sought among the plugins. */
function libraryPaths(written: string, version: number, setting: string, parameters: Parameters): readonly string[] {
  const own = libraryDirectory(version);
  const search = String(parameters["dynamic_library_path"] ?? "$libdir").split(":");
  const folders = setting === "local_preload_libraries" ? ["$libdir/plugins"] : search;
  const candidates = written.includes("/") ? [written] : folders.map((folder) => `${folder}/${written}`);
  return candidates
    .map((path) => path.replace(/^\$libdir/, own))
    .filter((path) => path.startsWith("/"))
    .flatMap((path) => [path, `${path}.so`]);
}

function* extensions({ spec }: PostgresHACluster, parameters: Parameters): Iterable<NeededFile> {
  const { version } = spec.postgresql;
  const seen = new Set<string>();
  const folders = String(parameters["extension_control_path"] ?? "$system")
    .split(":")
    .map((folder) => folder.replace("$system", shareDirectory(version)));
  for (const database of spec.databases)
    for (const name of database.extensions) {
      if (seen.has(name)) continue;
      seen.add(name);
      yield {
        what: `the extension ${name}`,
        extension: { name, database: database.name },
        paths: folders.map((folder) => `${folder}/extension/${name}.control`),
        ...(comesWithPostgreSQL(name, version)
          ? { comesWith: bringer(name, version) }
          : { package: packageOf(name, version) }),
      };
    }
}

function bringer(name: string, version: number): string {
  return name === "vector" ? packageOf(name, version) : `postgresql-${version}`;
}

/** With ssl on, a server that cannot read its certificate does not start, and one that runs goes on without. */
function* certificates(cluster: PostgresHACluster, parameters: Parameters): Iterable<NeededFile> {
  const ssl = settingsOf(cluster.spec.postgresql.version)?.get("ssl");
  const judged = ssl === undefined ? undefined : judgeValue(ssl, parameters["ssl"] ?? "off");
  if (judged?.ok !== true || judged.value !== "on") return;
  for (const [setting, usual] of [
    ["ssl_cert_file", "server.crt"],
    ["ssl_key_file", "server.key"],
    ["ssl_ca_file", ""],
    ["ssl_crl_file", ""],
    ["ssl_crl_dir", ""],
    ["ssl_dh_params_file", ""],
  ] as const) {
    const path = String(parameters[setting] ?? usual);
    if (path === "") continue;
    yield {
      what: `${path}, which ${setting} names while ssl is on,`,
      setting: parameters[setting] === undefined ? "ssl" : setting,
      paths: [path.startsWith("/") ? path : `${dataDirectoryOf(cluster)}/${path}`],
    };
  }
}

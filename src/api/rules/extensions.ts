import { entryOf } from "../entry-of.ts";

/**
 * Extensions that every member has: PostgreSQL's own (contrib, procedural languages of the server package) and
 * pgvector, with the majors where not every one has it.
 */
const OWN: ReadonlyMap<string, readonly [from: number, to: number]> = new Map(
  `adminpack:13-16 amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance
   file_fdw fuzzystrmatch hstore insert_username intagg intarray isn lo ltree moddatetime old_snapshot:14-16 pageinspect
   pg_buffercache pg_freespacemap pg_logicalinspect:18-99 pg_prewarm pg_stat_statements pg_surgery:14-99 pg_trgm
   pg_visibility pg_walinspect:15-99 pgcrypto pgrowlocks pgstattuple plpgsql postgres_fdw refint seg sslinfo tablefunc
   tcn tsm_system_rows tsm_system_time unaccent uuid-ossp vector xml2`
    .split(/\s+/)
    .map((word): [string, readonly [number, number]] => {
      const [name = "", from = "0", to = "99"] = word.split(/:|-(?=\d)/);
      return [name, [Number(from), Number(to)]];
    }),
);

/** On any major. */
export const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set(OWN.keys());

/** Whether the packages that pgha installs bring an extension to every member. */
export function comesWithPostgreSQL(extension: string, major: number): boolean {
  const [from, to] = OWN.get(extension) ?? [Infinity, -Infinity];
  return from <= major && major <= to;
}

/** Majors that have an extension which this one has not, in words. */
export function majorsWithExtension(extension: string): string {
  const [from = 0, to = 99] = OWN.get(extension) ?? [];
  return to === 99 ? `${from} and later` : from === 0 ? `up to ${to}` : `${from} to ${to}`;
}

/** Libraries of the server's package that are of no extension. */
const OWN_LIBRARIES: ReadonlySet<string> = new Set(
  `auth_delay auto_explain basebackup_to_shell basic_archive libpqwalreceiver llvmjit passwordcheck pg_overexplain
   pgoutput sepgsql test_decoding`.split(/\s+/),
);

/** The same of a library. */
export function libraryComesWithPostgreSQL(library: string, major: number): boolean {
  return OWN_LIBRARIES.has(library) || comesWithPostgreSQL(library, major);
}

/** Where the package has another name than the extension leads one to think. */
const PACKAGES: Readonly<Record<string, string>> = {
  pg_partman_bgw: "postgresql-VERSION-partman",
  plperl: "postgresql-plperl-VERSION",
  plperlu: "postgresql-plperl-VERSION",
  plpython3u: "postgresql-plpython3-VERSION",
  pltcl: "postgresql-pltcl-VERSION",
  pltclu: "postgresql-pltcl-VERSION",
  postgis: "postgresql-VERSION-postgis-3",
  postgis_raster: "postgresql-VERSION-postgis-3",
  postgis_tiger_geocoder: "postgresql-VERSION-postgis-3",
  postgis_topology: "postgresql-VERSION-postgis-3",
  timescaledb: "timescaledb-2-postgresql-VERSION",
  vector: "postgresql-VERSION-pgvector",
};

/**
 * Debian's name for the package of an extension or library, as far as that can be told: pg_cron is postgresql-17-cron.
 */
export function packageOf(extension: string, major: number): string {
  const short = /^pg_(catcheck|checksums|fact_loader|hint_plan|qualstats|rewrite|stat_|track_|wait_)/.test(extension)
    ? extension
    : extension.replace(/^pg_/, "");
  const named = entryOf(PACKAGES, extension) ?? `postgresql-VERSION-${short.replaceAll("_", "-")}`;
  return named.replace("VERSION", String(major));
}

/** Extensions that every member has: PostgreSQL's own (contrib, procedural languages of the server package) and pgvector. */
export const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set(
  `adminpack amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance file_fdw
   fuzzystrmatch hstore insert_username intagg intarray isn lo ltree moddatetime old_snapshot pageinspect
   pg_buffercache pg_freespacemap pg_logicalinspect pg_prewarm pg_stat_statements pg_surgery pg_trgm pg_visibility
   pg_walinspect pgcrypto pgrowlocks pgstattuple plpgsql postgres_fdw refint seg sslinfo tablefunc tcn tsm_system_rows
   tsm_system_time unaccent uuid-ossp vector xml2`.split(/\s+/),
);

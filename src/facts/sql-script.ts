import { hbaScript } from "./hba-rules.ts";
import { healthColumns } from "./sql-health.ts";
import { settingsSql } from "./sql-settings.ts";

/**
 * The psql script behind sqlFact: one JSON line about the server, one about its pg_hba.conf (which may be unreadable),
 * then one or two from inside each database.
 */
export function sqlScript({
  port,
  databases,
  parameters,
}: {
  readonly port: number;
  readonly databases: readonly string[];
  readonly parameters: readonly string[];
}): string {
  return [onServer(parameters), ...databases.map((database) => inDatabase(database, port))].join("\n");
}

/** Of the session and no start option: those would be shown as what the server has. */
const BOUNDS =
  "SET default_transaction_read_only = on; SET statement_timeout = 3000; SET lock_timeout = 1000; SET jit = off;";

/** What pg_settings shows is worked out anew for each reading, so it is read once. */
const onServer = (parameters: readonly string[]) => String.raw`${BOUNDS}
WITH now AS MATERIALIZED (SELECT * FROM pg_settings)
SELECT json_build_object(
  'inRecovery', pg_is_in_recovery(),
  'serverVersion', current_setting('server_version_num')::int,
  'roles', (SELECT coalesce(json_agg(json_build_object(
      'name', r.rolname, 'login', r.rolcanlogin, 'superuser', r.rolsuper, 'createdb', r.rolcreatedb,
      'createrole', r.rolcreaterole, 'inherit', r.rolinherit, 'replication', r.rolreplication,
      'bypassrls', r.rolbypassrls, 'connectionLimit', r.rolconnlimit,
      'memberOf', (SELECT coalesce(json_agg(DISTINCT g.rolname), '[]')
        FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid),
      'verifierDigest', coalesce(encode(sha256(convert_to(r.rolpassword, 'UTF8')), 'hex'), ''))
      ORDER BY r.rolname), '[]')
    FROM pg_authid r WHERE r.rolname !~ '^pg_'),
  'databases', (SELECT coalesce(json_agg(json_build_object(
      'name', d.datname, 'owner', pg_get_userbyid(d.datdba), 'connectionLimit', d.datconnlimit)
      ORDER BY d.datname), '[]')
    FROM pg_database d WHERE NOT d.datistemplate),
  'replication', (SELECT coalesce(json_agg(json_build_object(
      'name', s.application_name, 'state', s.state, 'syncState', s.sync_state, 'lagBytes', pg_wal_lsn_diff(
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
        s.replay_lsn))), '[]')
    FROM pg_stat_replication s),${settingsSql(parameters)}
  'pendingRestartSettings', (SELECT coalesce(json_agg(name ORDER BY name), '[]')
    FROM now WHERE pending_restart),
  ${healthColumns});
${hbaScript}`;

/**
 * Whether the database exists is asked first, since a \connect that fails ends the script. psql expands `:"name"` and
 * `:'name'` from \gset, so the schema of vector needs no guess.
 */
function inDatabase(database: string, port: number): string {
  return String.raw`
SELECT EXISTS (SELECT FROM pg_database
  WHERE datname = '${database.replaceAll("'", "''")}' AND datallowconn) AS pgha_there \gset
\if :pgha_there
\connect '${connectionUri(database, port)}'
${BOUNDS}
SELECT json_build_object('database', current_database(), 'extensions',
  (SELECT coalesce(json_object_agg(extname, extversion), '{}') FROM pg_extension));
SELECT coalesce(max(n.nspname), '') AS pgha_vector, count(*) > 0 AS pgha_has_vector
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector' \gset
\if :pgha_has_vector
SELECT json_build_object('database', current_database(), 'distance',
  '[1,2]'::${VECTOR} OPERATOR(:"pgha_vector".<->) '[3,4]'::${VECTOR});
\endif
\endif`;
}

const VECTOR = ':"pgha_vector".vector';

/**
 * Everything but letters, digits and a few marks is percent-encoded, so no quoting of psql's is left to worry about.
 */
function connectionUri(database: string, port: number): string {
  const name = encodeURIComponent(database).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `postgresql://postgres@/${name}?host=/var/run/postgresql&port=${port}`;
}

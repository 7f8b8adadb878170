import { PGBOUNCER } from "../desired/services.ts";
import { digest16 } from "./digest.ts";
import { addressFault, countFault, lineFault, portFault } from "./faults.ts";
import { renderUserlist } from "./pgbouncer-userlist.ts";
import type { PoolUser } from "./pgbouncer-userlist.ts";
import { supportsPreparedStatements } from "./pgbouncer-version.ts";
import { each, refuseFaults } from "./refusal.ts";
import type { Finding } from "./refusal.ts";

export interface PgBouncerInput {
  /** Of the PgBouncer that is installed or will be; undefined when nobody knows, and nothing new is used then. */
  readonly version: string | undefined;
  readonly listenAddresses: readonly string[];
  readonly port: number;
  /** Where PostgreSQL is reached: the write port of the HAProxy on this host, over loopback; else several addresses. */
  readonly upstream: { readonly addresses: readonly string[]; readonly port: number };
  readonly databases: readonly string[];
  /** The declared roles that may log in. */
  readonly users: readonly PoolUser[];
  /** May use the admin console; known to PgBouncer alone. */
  readonly admin: PoolUser;
  /** May read figures there, and do nothing; not known to it while there is no verifier. */
  readonly stats: { readonly name: string; readonly verifier: string | undefined };
  readonly poolMode: "session" | "transaction" | "statement";
  readonly defaultPoolSize: number;
  readonly minPoolSize: number;
  readonly reservePoolSize: number;
  readonly maxClientConnections: number;
  readonly maxDatabaseConnections: number;
  readonly maxPreparedStatements: number;
  readonly serverIdleTimeoutSeconds: number;
  readonly loginRetrySeconds: number;
  /** More settings from the spec, none of them pgha's own. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

export interface RenderedPgBouncer {
  readonly ini: string;
  /** It holds verifiers: postgres, 0600. */
  readonly userlist: string;
  /** What SHOW CONFIG gives as syslog_ident once this configuration is loaded. */
  readonly ident: string;
  /** The [pgbouncer] section, as text. */
  readonly settings: Readonly<Record<string, string>>;
}

/** pgbouncer.ini and its userlist: https://www.pgbouncer.org/config.html */
export function renderPgBouncer(input: PgBouncerInput): RenderedPgBouncer {
  refuseFaults("pgbouncer.ini", findings(input));
  const { name, verifier } = input.stats;
  const stats = verifier === undefined ? [] : [{ name, verifier }];
  const userlist = renderUserlist([...input.users, input.admin, ...stats]);
  // Syslog is off, so its ident is free to carry the digest.
  const ident = `pgha-${digest16(iniText(input, {}) + userlist)}`;
  const section = Object.entries(settings(input)).map(([name, value]) => [name, String(value)] as const);
  return { ini: iniText(input, { syslog_ident: ident }), userlist, ident, settings: Object.fromEntries(section) };
}

function iniText(input: PgBouncerInput, extra: Settings): string {
  return [
    HEADER,
    "[databases]",
    ...databases(input),
    "",
    "[pgbouncer]",
    ...lines({ ...settings(input), ...extra }),
    "",
  ].join("\n");
}

const HEADER = "; Written by pgha, which brings it back when it is changed here: change the manifest instead.";

type Settings = Readonly<Record<string, string | number>>;

function lines(values: Settings): readonly string[] {
  return Object.keys(values)
    .toSorted()
    .map((name) => `${name} = ${values[name] ?? ""}`);
}

/**
 * The declared databases and no `*`: a name that nobody declared is refused here with a clear message, and the pools
 * stay within the sizes that were checked against max_connections (F74). No user in an entry: see renderUserlist.
 */
function databases(input: PgBouncerInput): readonly string[] {
  const { addresses, port } = input.upstream;
  return input.databases.toSorted().map((name) => `${name} = host=${addresses.join(",")} port=${port} dbname=${name}`);
}

/** default < user < mandatory */
function settings(input: PgBouncerInput): Settings {
  return { ...DEFAULTS, ...input.parameters, ...mandatory(input) };
}

const DEFAULTS: Settings = {
  // The JDBC driver sends it at every start: https://www.pgbouncer.org/config.html#ignore_startup_parameters .
  // Not `options`: ignoring those would lose a search_path without a word.
  ignore_startup_parameters: "extra_float_digits",
  log_connections: 0,
  log_disconnections: 0,
  query_wait_timeout: 120,
  // Below HAProxy's own timeouts, and what its hard-stop-after goes by.
  server_lifetime: 3600,
  tcp_keepcnt: 6,
  tcp_keepidle: 60,
  tcp_keepintvl: 10,
};

function mandatory(input: PgBouncerInput): Settings {
  return {
    admin_users: input.admin.name,
    auth_file: PGBOUNCER.userlist,
    auth_type: "scram-sha-256",
    default_pool_size: input.defaultPoolSize,
    listen_addr: [...new Set(input.listenAddresses)].join(","),
    listen_port: input.port,
    // Standard error, which is the journal.
    logfile: "",
    max_client_conn: input.maxClientConnections,
    max_db_connections: input.maxDatabaseConnections,
    ...(supportsPreparedStatements(input.version) ? { max_prepared_statements: input.maxPreparedStatements } : {}),
    min_pool_size: input.minPoolSize,
    pool_mode: input.poolMode,
    reserve_pool_size: input.reservePoolSize,
    server_connect_timeout: 2,
    server_login_retry: input.loginRetrySeconds,
    server_idle_timeout: input.serverIdleTimeoutSeconds,
    // Another process takes its place while it serves (ADR 35).
    so_reuseport: 1,
    stats_users: input.stats.name,
    syslog: 0,
    tcp_keepalive: 1,
    unix_socket_dir: PGBOUNCER.socketDirectory,
  };
}

/** Settings of the [pgbouncer] section that pgha decides. A spec's parameters may hold none of them. */
export const PGBOUNCER_OWNED_SETTINGS: readonly string[] = (
  "admin_users auth_dbname auth_file auth_hba_file auth_ident_file auth_query auth_type auth_user conffile " +
  "default_pool_size job_name listen_addr listen_port logfile max_client_conn max_db_connections " +
  "max_prepared_statements min_pool_size pidfile pool_mode reserve_pool_size server_connect_timeout " +
  "server_idle_timeout " +
  "server_login_retry service_name so_reuseport stats_users syslog syslog_facility syslog_ident tcp_keepalive " +
  "unix_socket_dir user"
).split(" ");

function* findings(input: PgBouncerInput): Iterable<Finding> {
  yield* each("listenAddresses", input.listenAddresses, addressFault);
  yield* each("upstream.addresses", input.upstream.addresses, addressFault);
  yield ["upstream.addresses", input.upstream.addresses.length > 0 ? undefined : "is empty"];
  yield ["upstream.port", portFault(input.upstream.port)];
  yield ["port", portFault(input.port)];
  yield* each("databases", input.databases, databaseFault);
  const counts = [
    "defaultPoolSize",
    "minPoolSize",
    "reservePoolSize",
    "maxClientConnections",
    "maxDatabaseConnections",
    "maxPreparedStatements",
    "serverIdleTimeoutSeconds",
  ] as const;
  for (const key of counts) yield [key, countFault(input[key])];
  yield ["loginRetrySeconds", Number.isFinite(input.loginRetrySeconds) ? undefined : "is not a number"];
  yield ["poolMode", /^(session|transaction|statement)$/.test(input.poolMode) ? undefined : "is no pool mode"];
  // admin_users and stats_users are lists, so a name there has to be one word.
  for (const key of ["admin", "stats"] as const)
    yield [
      `${key}.name`,
      /^[a-z_][a-z0-9_]{0,62}$/.test(input[key].name) ? undefined : "is not a plain lower-case identifier",
    ];
  for (const [name, value] of Object.entries(input.parameters)) yield* parameterFindings(name, value);
}

/** Left bare on both sides of the line; what needs quotes in an ini file differs between PgBouncer's versions. */
function databaseFault(name: string): string | undefined {
  if (name === "pgbouncer") return "is the name of PgBouncer's admin console";
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/.test(name) ? undefined : "has characters that pgbouncer.ini cannot carry";
}

function* parameterFindings(name: string, value: string | number): Iterable<Finding> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) yield ["parameters", "has a name that is no setting's"];
  else if (PGBOUNCER_OWNED_SETTINGS.includes(name)) yield [`parameters.${name}`, "is pgha's to decide"];
  else if (typeof value === "number")
    yield [`parameters.${name}`, Number.isFinite(value) ? undefined : "is not a number"];
  else yield [`parameters.${name}`, value.trim() === value ? lineFault(value) : "has a blank at an end"];
}

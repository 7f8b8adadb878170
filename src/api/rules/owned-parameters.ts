/** Who decides about a setting in the place of the person, and what to do instead. */
export interface Owned {
  readonly why: string;
  readonly wayOut: string;
}

const field = (name: string): Owned => ({ why: `is decided by ${name}`, wayOut: `set ${name} instead` });
const patroni: Owned = { why: "is decided by Patroni, which passes it to every start", wayOut: "leave it out" };
const recovery: Owned = {
  why: "is decided by Patroni, which makes a member a leader or a replica with it",
  wayOut: "leave it out",
};
const pgha: Owned = { why: "is decided by pgha", wayOut: "leave it out" };
const include: Owned = {
  why: "would bring in settings that nobody has checked",
  wayOut: "write the settings themselves",
};

/**
 * PostgreSQL settings that a manifest may not set.
 * https://patroni.readthedocs.io/en/latest/patroni_configuration.html#postgresql-parameters-controlled-by-patroni
 */
export const OWNED_BY_PATRONI: ReadonlyMap<string, Owned> = new Map<string, Owned>([
  ["port", field("spec.postgresql.port")],
  ["data_directory", field("spec.postgresql.dataDirectory")],
  ["listen_addresses", pgha],
  ["unix_socket_directories", pgha],
  [
    "hba_file",
    {
      why: "is decided by pgha, which writes it from the spec",
      wayOut: "use spec.postgresql.clientNetworks and additionalHba",
    },
  ],
  ["ident_file", pgha],
  ["config_file", pgha],
  ["external_pid_file", pgha],
  ["cluster_name", patroni],
  ["hot_standby", patroni],
  ["wal_log_hints", patroni],
  ["synchronous_standby_names", { why: "is decided by Patroni", wayOut: "set spec.patroni.synchronousMode instead" }],
  ["include", include],
  ["include_dir", include],
  ["include_if_exists", include],
  ...[
    "primary_conninfo",
    "primary_slot_name",
    "restore_command",
    "archive_cleanup_command",
    "recovery_end_command",
    "recovery_min_apply_delay",
    "recovery_target",
    "recovery_target_action",
    "recovery_target_inclusive",
    "recovery_target_lsn",
    "recovery_target_name",
    "recovery_target_time",
    "recovery_target_timeline",
    "recovery_target_xid",
    "promote_trigger_file",
    "trigger_file",
    "standby_mode",
  ].map((name): [string, Owned] => [name, recovery]),
]);

/** Whole-number settings that Patroni silently replaces by its own default when they are below these. */
export const PATRONI_MINIMUMS: ReadonlyMap<string, number> = new Map([
  ["max_connections", 25],
  ["max_wal_senders", 3],
  ["max_replication_slots", 4],
  ["max_worker_processes", 2],
  ["max_locks_per_transaction", 32],
  ["max_prepared_transactions", 0],
]);

/** PgBouncer settings that a manifest may not set. https://www.pgbouncer.org/config.html */
export const OWNED_OF_PGBOUNCER: ReadonlyMap<string, Owned> = new Map<string, Owned>([
  ["listen_port", field("spec.port")],
  ["pool_mode", field("spec.poolMode")],
  ["default_pool_size", field("spec.defaultPoolSize")],
  ["min_pool_size", field("spec.minPoolSize")],
  ["reserve_pool_size", field("spec.reservePoolSize")],
  ["max_client_conn", field("spec.maxClientConnections")],
  ["max_db_connections", field("spec.maxDatabaseConnections")],
  ["max_prepared_statements", field("spec.maxPreparedStatements")],
  ["server_idle_timeout", field("spec.serverIdleTimeoutSeconds")],
  ...[
    "listen_addr",
    "unix_socket_dir",
    "unix_socket_mode",
    "unix_socket_group",
    "auth_type",
    "auth_file",
    "auth_hba_file",
    "auth_ident_file",
    "auth_user",
    "auth_query",
    "auth_dbname",
    "auth_ldap_options",
    "admin_users",
    "stats_users",
    "user",
    "pidfile",
    "logfile",
    "conffile",
    "syslog",
    "syslog_facility",
    "syslog_ident",
    "tcp_keepalive",
    "service_name",
    "job_name",
    "so_reuseport",
    "server_login_retry",
    "server_connect_timeout",
    "server_check_query",
  ].map((name): [string, Owned] => [name, pgha]),
]);

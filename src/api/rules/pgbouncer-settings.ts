/** What PgBouncer takes as the value of a setting of its [pgbouncer] section. */
export type SettingType =
  /** 0 or 1. PgBouncer reads a number and calls 2 on, too; it knows no words. */
  | { readonly is: "flag" }
  | { readonly is: "integer"; readonly minimum: number; readonly maximum: number }
  /** A number of seconds, with a fraction where wanted. No unit. */
  | { readonly is: "seconds" }
  | { readonly is: "word"; readonly of: readonly string[] }
  /** Names with commas between them. */
  | { readonly is: "list" }
  | { readonly is: "text" };

export interface PgBouncerSetting {
  readonly type: SettingType;
  /** The minor version of PgBouncer 1 that was the first to know it, where older ones are about. */
  readonly since: number | undefined;
}

/** The newest minor version of PgBouncer 1 that this table is about; the oldest is 15. */
export const NEWEST_PGBOUNCER_MINOR = 25;

const flag: SettingType = { is: "flag" };
const seconds: SettingType = { is: "seconds" };
const text: SettingType = { is: "text" };
const list: SettingType = { is: "list" };
const count = (minimum = 0, maximum = 2 ** 31 - 1): SettingType => ({ is: "integer", minimum, maximum });
const sslmode: SettingType = {
  is: "word",
  of: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
};

/**
 * Settings that a manifest may set, of PgBouncer 1.15 to 1.25 (https://www.pgbouncer.org/config.html; types as its
 * source reads them). An unknown name, or a value of another shape, keeps a running PgBouncer from loading anything,
 * and a stopped one from starting.
 */
export const PGBOUNCER_SETTINGS: ReadonlyMap<string, PgBouncerSetting> = new Map([
  ...known(flag, [
    "application_name_add_host",
    "disable_pqexec",
    "log_connections",
    "log_disconnections",
    "log_pooler_errors",
    "log_stats",
    "server_fast_close",
    "server_reset_query_always",
    "server_round_robin",
  ]),
  ...known(seconds, [
    "autodb_idle_timeout",
    "client_idle_timeout",
    "client_login_timeout",
    "dns_max_ttl",
    "dns_nxdomain_ttl",
    "dns_zone_check_period",
    "idle_transaction_timeout",
    "query_timeout",
    "query_wait_timeout",
    "reserve_pool_timeout",
    "server_check_delay",
    "server_lifetime",
    "suspend_timeout",
  ]),
  ...known(count(), ["max_user_connections", "tcp_defer_accept", "tcp_socket_buffer", "tcp_user_timeout"]),
  ...known(count(1), ["listen_backlog", "stats_period"]),
  ...known(text, [
    "client_tls_ca_file",
    "client_tls_cert_file",
    "client_tls_ciphers",
    "client_tls_dheparams",
    "client_tls_ecdhcurve",
    "client_tls_key_file",
    "client_tls_protocols",
    "resolv_conf",
    "server_reset_query",
    "server_tls_ca_file",
    "server_tls_cert_file",
    "server_tls_ciphers",
    "server_tls_key_file",
    "server_tls_protocols",
  ]),
  ...known(sslmode, ["client_tls_sslmode", "server_tls_sslmode"]),
  ...known(list, ["ignore_startup_parameters"]),
  // What Linux takes of a socket (man tcp): more is refused at every connection.
  ...known(count(0, 127), ["tcp_keepcnt"]),
  ...known(count(0, 32767), ["tcp_keepidle", "tcp_keepintvl"]),
  // Below a row's head PgBouncer cannot even pass on a login.
  ...known(count(512, 2 ** 24), ["pkt_buf"]),
  ...known(count(1024, 2 ** 32 - 1), ["max_packet_size"]),
  ...known(count(0, 1000), ["sbuf_loopcnt"]),
  ...known(count(-1, 10), ["verbose"]),
  ...known(seconds, ["cancel_wait_timeout"], 19),
  ...known(count(0, 16383), ["peer_id"], 19),
  ...known(list, ["track_extra_parameters"], 20),
  ...known(count(), ["max_db_client_connections", "max_user_client_connections"], 24),
  ...known(text, ["client_tls13_ciphers", "server_tls13_ciphers"], 25),
  ...known(count(), ["query_wait_notify", "scram_iterations"], 25),
  ...known(seconds, ["transaction_timeout"], 25),
]);

function known(
  type: SettingType,
  names: readonly string[],
  since?: number,
): readonly (readonly [string, PgBouncerSetting])[] {
  return names.map((name) => [name, { type, since }]);
}

/** What is wrong with a value, and what to write instead; undefined when PgBouncer takes it. */
export function settingProblem(
  { type }: PgBouncerSetting,
  value: number | string,
): { readonly what: string; readonly wayOut: string } | undefined {
  const written = String(value);
  switch (type.is) {
    case "flag":
      return /^[01]$/.test(written)
        ? undefined
        : { what: "and PgBouncer takes 0 or 1 here", wayOut: flagFor(written.toLowerCase()) };
    case "integer": {
      const fits =
        /^-?(0|[1-9][0-9]{0,11})$/.test(written) && Number(written) >= type.minimum && Number(written) <= type.maximum;
      const range = `a whole number from ${type.minimum} to ${type.maximum}`;
      return fits ? undefined : { what: `and PgBouncer takes ${range} here`, wayOut: `write ${range}, with no unit` };
    }
    case "seconds":
      return /^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$/.test(written)
        ? undefined
        : { what: "and PgBouncer takes a number of seconds here, without a unit", wayOut: secondsFor(written) };
    case "word":
      return type.of.includes(written.toLowerCase())
        ? undefined
        : { what: `and PgBouncer takes one of ${type.of.join(", ")} here`, wayOut: wordFor(written, type.of) };
    case "list":
      return /^([A-Za-z_][A-Za-z0-9_.]*( *, *[A-Za-z_][A-Za-z0-9_.]*)*)?$/.test(written)
        ? undefined
        : {
            what: "and PgBouncer takes names of parameters with commas between them here",
            wayOut: "write them like extra_float_digits,search_path",
          };
    case "text":
      return undefined;
  }
}

function flagFor(word: string): string {
  if (/^(on|yes|true|y|t|enabled?)$/.test(word)) return "write 1";
  return /^(off|no|false|n|f|disabled?)$/.test(word) ? "write 0" : "write 0 or 1";
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["us", 1e-6],
  ["ms", 1e-3],
  ["s", 1],
  ["sec", 1],
  ["second", 1],
  ["seconds", 1],
  ["m", 60],
  ["min", 60],
  ["minute", 60],
  ["minutes", 60],
  ["h", 3600],
  ["hour", 3600],
  ["hours", 3600],
  ["d", 86_400],
  ["day", 86_400],
  ["days", 86_400],
]);

function secondsFor(written: string): string {
  const [, amount = "", unit = ""] = /^ *([0-9]{1,9}(?:\.[0-9]{1,6})?) *([A-Za-z]+) *$/.exec(written) ?? [];
  const factor = UNITS.get(unit.toLowerCase());
  return factor === undefined ? "write the seconds, like 30 or 0.5" : `write ${Number(amount) * factor}`;
}

function wordFor(written: string, words: readonly string[]): string {
  const meant = words.find((word) => word === written.trim().toLowerCase().replaceAll("_", "-"));
  return meant === undefined ? "write one of them" : `write ${meant}`;
}

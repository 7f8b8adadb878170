import { countFault, lineFault } from "./faults.ts";
import { refuseFaults } from "./refusal.ts";
import type { Fault, Finding } from "./refusal.ts";
import type { YamlValue } from "./yaml.ts";

export interface DynamicConfigurationInput {
  /** Seconds. */
  readonly ttl: number;
  /** Seconds. */
  readonly loopWait: number;
  /** Seconds. */
  readonly retryTimeout: number;
  readonly maximumLagOnFailoverBytes: number;
  /** Seconds. */
  readonly primaryStartTimeout: number;
  readonly synchronousMode: boolean;
  /** Settings of postgresql.conf from the spec. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Extensions of all databases: some work only when preloaded. */
  readonly extensions: readonly string[];
}

/** Patroni's dynamic configuration, as it stands in `bootstrap.dcs`, in GET /config and in PATCH /config. */
export type DynamicConfiguration = Readonly<Record<string, YamlValue>> & {
  readonly postgresql: { readonly parameters: Readonly<Record<string, string | number>> } & Readonly<
    Record<string, YamlValue>
  >;
};

/**
 * The dynamic configuration that a cluster should have
 * (https://patroni.readthedocs.io/en/latest/dynamic_configuration.html). All of PostgreSQL's parameters are in it:
 * Patroni ignores local values of the ones that must match on all members, and one place for all of them means one
 * PATCH and no drift between hosts. The keys are the same in Patroni 3.0 (Debian 12) and 4.x: `primary_start_timeout`
 * replaced `master_start_timeout` in 3.0.
 */
export function dynamicConfiguration(input: DynamicConfigurationInput): DynamicConfiguration {
  refuseFaults("Patroni's dynamic configuration", findings(input));
  return {
    ttl: input.ttl,
    loop_wait: input.loopWait,
    retry_timeout: input.retryTimeout,
    maximum_lag_on_failover: input.maximumLagOnFailoverBytes,
    primary_start_timeout: input.primaryStartTimeout,
    synchronous_mode: input.synchronousMode,
    postgresql: {
      // A former leader that diverged is wound back instead of being copied anew. Data directories are never removed
      // by inference: remove_data_directory_on_* stay off (F09).
      use_pg_rewind: true,
      use_slots: true,
      parameters: parameters(input),
    },
  };
}

/** default < user < mandatory, sorted. */
function parameters(input: DynamicConfigurationInput): Readonly<Record<string, string | number>> {
  const user = Object.fromEntries(Object.entries(input.parameters).map(([name, value]) => [name.toLowerCase(), value]));
  const preload = preloadLibraries(user["shared_preload_libraries"], input.extensions);
  const merged = {
    ...DEFAULTS,
    ...user,
    ...(preload === undefined ? {} : { shared_preload_libraries: preload }),
    ...MANDATORY,
  };
  return Object.fromEntries(Object.entries(merged).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

const DEFAULTS: Readonly<Record<string, string | number>> = {
  // The six that must match on all members, written out so that taking one off the spec brings back a known value.
  // These are Patroni's own defaults: https://patroni.readthedocs.io/en/latest/patroni_configuration.html
  max_connections: 100,
  max_locks_per_transaction: 64,
  max_prepared_transactions: 0,
  max_replication_slots: 10,
  max_wal_senders: 10,
  max_worker_processes: 8,
  track_commit_timestamp: "off",
  wal_level: "replica",
  // Patroni 3.0 drops the slot of a member as soon as it is away for ttl; this much WAL waits for it all the same, so
  // that a reboot does not end in a new base backup. Only reached once it was written.
  wal_keep_size: "1GB",
  // A proxy host that lost its power leaves sessions behind; the kernel would find out after two hours.
  tcp_keepalives_idle: 60,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 6,
  // Debian's own: time, process, then user and database where there are any.
  log_line_prefix: "%m [%p] %q%u@%d ",
};

const MANDATORY: Readonly<Record<string, string | number>> = {
  hot_standby: "on",
  // The verifiers that pgha makes are SCRAM, and so are the hba lines; PostgreSQL 13 would store md5 by default.
  password_encryption: "scram-sha-256",
  // pg_rewind needs it where data checksums are off.
  wal_log_hints: "on",
};

/**
 * Extensions whose functions fail unless their library is preloaded, of those that come with the packages pgha
 * installs. https://www.postgresql.org/docs/current/pgstatstatements.html
 */
const PRELOADED_EXTENSIONS: readonly string[] = ["pg_stat_statements"];

function preloadLibraries(asked: string | number | undefined, extensions: readonly string[]): string | undefined {
  const libraries = String(asked ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const wanted = [...new Set([...libraries, ...PRELOADED_EXTENSIONS.filter((name) => extensions.includes(name))])];
  return wanted.length === 0 ? undefined : wanted.join(",");
}

function* findings(input: DynamicConfigurationInput): Iterable<Finding> {
  for (const key of ["ttl", "loopWait", "retryTimeout", "maximumLagOnFailoverBytes", "primaryStartTimeout"] as const) {
    yield [key, countFault(input[key])];
  }
  for (const [name, value] of Object.entries(input.parameters)) {
    // Two-part names belong to extensions: https://www.postgresql.org/docs/current/runtime-config-custom.html
    if (!/^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$/.test(name))
      yield ["parameters", "has a name that is no parameter's"];
    else yield [`parameters.${name}`, parameterFault(value)];
  }
}

/** Patroni quotes values in postgresql.conf, where a line end would still break them; blanks and quotes are safe. */
function parameterFault(value: string | number): Fault {
  if (typeof value === "string") return lineFault(value);
  return Number.isFinite(value) ? undefined : "is not a number";
}

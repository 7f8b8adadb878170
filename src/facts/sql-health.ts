import { asBoolean, asNumber, asRecord, asRecords, asString, defined } from "./narrow.ts";

/** What stops clients though PostgreSQL answers, or will: waits, places for clients, WAL that is kept. */
export interface SqlHealthFact {
  /** synchronous_standby_names as it is in force; "" when no commit waits for a standby. */
  readonly synchronousStandbys: string;
  /** On a replica: whether somebody stopped its replay, so that what it shows grows old. */
  readonly replayPaused: boolean;
  /** Clients' sessions now. */
  readonly connections: number;
  readonly maximumConnections: number;
  /** Lasting slots; retainedBytes is what WAL each keeps from being removed, undefined for one that keeps none yet. */
  readonly slots: readonly {
    readonly name: string;
    readonly active: boolean;
    readonly logical?: boolean;
    readonly retainedBytes?: number;
  }[];
  /** Transactions of two phases that hang between them. */
  readonly preparedTransactions?: number;
}

/**
 * Columns of the one SELECT about the server: what stops commits or replay though all seems to run, and what fills up.
 * Works on 13 to 18. Temporary slots vanish with their session, so they are left out.
 */
export const healthColumns = String.raw`'health', json_build_object(
    'synchronousStandbys', current_setting('synchronous_standby_names'),
    'replayPaused', CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END,
    'connections', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
    'maximumConnections', current_setting('max_connections')::int,
    'slots', (SELECT coalesce(json_agg(json_build_object(
        'name', slot_name, 'active', active, 'logical', slot_type = 'logical', 'retainedBytes', pg_wal_lsn_diff(
          CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn))
        ORDER BY slot_name), '[]')
      FROM pg_replication_slots WHERE NOT temporary),
    'preparedTransactions', (SELECT count(*) FROM pg_prepared_xacts))`;

/** Reads what healthColumns gave; undefined where they were not asked. */
export function readHealth(value: unknown): SqlHealthFact | undefined {
  const health = asRecord(value);
  const connections = asNumber(health?.["connections"]);
  const maximumConnections = asNumber(health?.["maximumConnections"]);
  if (health === undefined || connections === undefined || maximumConnections === undefined) return undefined;
  return defined({
    synchronousStandbys: asString(health["synchronousStandbys"]) ?? "",
    replayPaused: asBoolean(health["replayPaused"]) ?? false,
    connections,
    maximumConnections,
    slots: asRecords(health["slots"]).map((slot) =>
      defined({
        name: asString(slot["name"]) ?? "",
        active: slot["active"] === true,
        logical: asBoolean(slot["logical"]),
        retainedBytes: asNumber(slot["retainedBytes"]),
      }),
    ),
    preparedTransactions: asNumber(health["preparedTransactions"]),
  });
}

import type { WalPosition } from "./wal-position.ts";

/**
 * PGDATA, classified (case F03). absent: no such path. empty: a directory with nothing in it. noise: only things that
 * are no data (lost+found, hidden files, stray config). valid: PG_VERSION and global/pg_control. partial: some, not
 * all.
 */
export interface DataDirectoryFact {
  readonly class: "absent" | "empty" | "noise" | "partial" | "valid";
  readonly entries: readonly string[];
  readonly majorVersion?: number;
  /** Database system identifier from pg_controldata; absent when it cannot be read. */
  readonly systemId?: string;
  readonly timeline?: number;
  /** pg_controldata's "Database cluster state", e.g. "in production", "shut down". */
  readonly clusterState?: string;
  /**
   * What the control file makes a standby start with at least, by setting: what its leader had, as far as it was
   * replayed.
   */
  readonly atLeast?: Readonly<Record<string, number>>;
  /**
   * Process and start time of PostgreSQL, as it wrote them down: another text is another process, whatever clocks say.
   */
  readonly postmaster?: string;
  /** Another program lies by now where the one that runs was started from. */
  readonly isReplaced?: true;
  /** Which copy of the data it is: another one has another text. */
  readonly copy?: string;
  /** How far it goes at least, by its control file. */
  readonly end?: WalPosition;
  /** Its last checkpoint there, or what took the place of one in recovery. */
  readonly checkpoint?: WalPosition;
  /** Of who may lead: where each earlier timeline was left for the next, the oldest first. */
  readonly history?: readonly WalPosition[];
  /** Where links lead by which WAL or tablespaces lie elsewhere. */
  readonly links?: readonly string[];
  /** The dynamic configuration that Patroni there goes by, as far as it says. */
  readonly taken?: Readonly<Record<string, unknown>>;
}

/** The values facts have. Plain data, so that tests and the model world can write them by hand. */
export type { DataDirectoryFact } from "./data-directory-fact.ts";
export type { LoginFact } from "./login-fact.ts";
export type { FormerPoolerFact, PgBouncerFact } from "./pgbouncer-fact.ts";
export type { SystemFact } from "./system-fact.ts";
export type { UnitFact } from "./systemd/unit-fact.ts";
export type { WalPosition } from "./wal-position.ts";

import type { HbaFact } from "./hba-rules.ts";
import type { ServerState } from "./haproxy-state.ts";
import type { ScheduledFact } from "./patroni-scheduled.ts";
import type { SqlHealthFact } from "./sql-health.ts";
import type { VolumeFact } from "./volume.ts";
import type { SqlSettingFact, SqlWrittenFact } from "./sql-settings.ts";

/** Whether something is mounted exactly at a path, and what. */
export type MountFact =
  | { readonly mounted: false; readonly pathExists: boolean; readonly volume?: VolumeFact }
  | {
      readonly mounted: true;
      /** Where udev knows one. */
      readonly label?: string;
      readonly volume?: VolumeFact;
      readonly filesystem: string;
      readonly source: string;
      readonly uuid: string;
      readonly sizeMiB: number;
      readonly freeMiB: number;
    };

/**
 * A path on the host. Contents are compared by digest only. `own`: it begins as pgha's files do, asked where that
 * matters.
 */
export type PathFact =
  | { readonly kind: "absent" }
  | {
      readonly kind: "file";
      readonly sha256: string;
      readonly owner: string;
      readonly group: string;
      readonly mode: number;
      readonly uid?: number;
      readonly gid?: number;
      readonly own?: boolean;
      /** Another one after each change of the file, a change back among them. */
      readonly revision?: string;
    }
  | {
      readonly kind: "directory";
      readonly owner: string;
      readonly group: string;
      readonly mode: number;
      readonly uid?: number;
      readonly gid?: number;
    }
  | { readonly kind: "other"; readonly what: string };

/** A listening TCP socket. */
export interface ListenerFact {
  readonly address: string;
  readonly port: number;
  /** Program name, e.g. `postgres`, `haproxy`; empty when the kernel would not say. */
  readonly program: string;
  readonly pid: number;
  /** The systemd unit of that process, or "" when it belongs to none. */
  readonly unit: string;
}

/** One TCP dial from the host to a peer. Refused still proves the way is open. */
export interface ReachFact {
  readonly address: string;
  readonly port: number;
  readonly result: "open" | "refused" | "filtered";
}

/** What Patroni's REST API on the host says; undefined parts could not be had. */
export interface PatroniFact {
  readonly answers: boolean;
  /** GET /patroni. */
  readonly member?: PatroniMemberFact;
  /** GET /cluster: every member as the DCS has it. */
  readonly cluster?: readonly ClusterMemberFact[];
  /** GET /config: the dynamic configuration. */
  readonly dynamicConfig?: Readonly<Record<string, unknown>>;
  /** From GET /cluster: what somebody asked Patroni to do at a later moment. */
  readonly scheduled?: readonly ScheduledFact[];
}

export interface PatroniMemberFact {
  /** running, starting, stopped, "initializing new cluster", "creating replica", "start failed", ... */
  readonly state: string;
  readonly role: MemberRole;
  readonly serverVersion?: number;
  readonly timeline?: number;
  /** Of a primary: how much it wrote, in bytes since the beginning. */
  readonly writtenBytes?: number;
  readonly systemId?: string;
  readonly pendingRestart: boolean;
  /** For which settings, in lower case; undefined where Patroni does not say (before 4). */
  readonly pendingSettings?: readonly string[];
  readonly patroniVersion?: string;
  readonly scope?: string;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly paused: boolean;
  /** Seconds since the epoch of Patroni's last good talk with its DCS. */
  readonly dcsLastSeen?: number;
}

/** Leader / leader / primary / master and their like, told as one (case F80). */
export type MemberRole = "primary" | "replica" | "sync_standby" | "standby_leader" | "unknown";

export interface ClusterMemberFact {
  readonly name: string;
  readonly role: MemberRole;
  readonly state: string;
  readonly address: string;
  readonly port: number;
  readonly timeline?: number;
  /** Bytes behind the leader; undefined when Patroni says "unknown". */
  readonly lagBytes?: number;
  readonly pendingRestart: boolean;
}

/** What PostgreSQL on the host says to its own superuser over the socket; undefined when it does not answer. */
export interface SqlFact {
  readonly inRecovery: boolean;
  readonly serverVersion: number;
  readonly roles: readonly SqlRoleFact[];
  readonly databases: readonly SqlDatabaseFact[];
  /** On a primary: standbys by application_name. */
  readonly replication: readonly {
    readonly name: string;
    readonly state: string;
    readonly lagBytes?: number;
    /** async, potential, sync or quorum. */
    readonly syncState?: string;
  }[];
  readonly pendingRestartSettings: readonly string[];
  readonly hba?: HbaFact;
  readonly health?: SqlHealthFact;
  /**
   * What is configured and what was asked for, and lines of the files that tell more. Undefined where it was not asked.
   */
  readonly settings?: readonly SqlSettingFact[];
  readonly written?: readonly SqlWrittenFact[];
}

export interface SqlRoleFact {
  readonly name: string;
  readonly login: boolean;
  readonly superuser: boolean;
  readonly createdb: boolean;
  readonly createrole: boolean;
  readonly inherit: boolean;
  readonly replication: boolean;
  readonly bypassrls: boolean;
  readonly connectionLimit: number;
  readonly memberOf: readonly string[];
  /**
   * SHA-256 (hex) of the stored verifier, computed on the host so that the verifier itself stays there; "" when none.
   */
  readonly verifierDigest: string;
}

export interface SqlDatabaseFact {
  readonly name: string;
  readonly owner: string;
  readonly connectionLimit: number;
  /** Extension name to version; undefined when that database could not be asked. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** Whether `SELECT '[1,2]'::vector <-> '[3,4]'` gave the right distance; undefined where vector is not installed. */
  readonly vectorWorks?: boolean;
}

/** HAProxy's runtime socket; undefined when it does not answer. */
export interface HAProxyFact {
  readonly version: string;
  /** The `description` of the loaded configuration: pgha writes the configuration's digest there. */
  readonly description: string;
  /** How many clients one of its frontends takes at most. */
  readonly maxConnections?: number;
  readonly servers: readonly {
    readonly backend: string;
    readonly server: string;
    readonly status: string;
    readonly checkStatus: string;
    readonly checkDescription: string;
  }[];
  /** What the runtime has of each server, whoever set it; undefined where HAProxy did not say. */
  readonly states?: readonly ServerState[];
  /** The member that pgha leads readers past. */
  readonly drained?: string;
  /** Frontends that take no new connections, with HAProxy's word for it (STOP, PAUSED). */
  readonly closedFrontends?: readonly { readonly name: string; readonly status: string }[];
}

import type { SecretDocument } from "../credentials/secret.ts";

/**
 * Where pgha keeps what the manifest does not say and the world cannot tell: Secrets, and a few recorded facts. A
 * folder for the command line, memory for tests, Kubernetes for the operator.
 */
export interface StateStore {
  /** For messages: ".pgha", "namespace databases". */
  readonly place: string;
  /** All Secrets that are kept here, by name. */
  readSecrets(): Promise<ReadonlyMap<string, SecretDocument>>;
  /**
   * Keeps a Secret, in place of the one of that name if there is one. Whole or not at all. Where others write too, only
   * the keys that may be new are written: those that are lacking, those that it `replaces`, and where to log in if pgha
   * made it.
   */
  writeSecret(secret: SecretDocument, replaces?: readonly string[]): Promise<void>;
  /**
   * What was recorded about a resource; NOTHING_RECORDED for one that is new. Throws when it cannot be read: unknown is
   * not nothing.
   */
  readRecord(kind: string, name: string): Promise<RecordedFacts>;
  /**
   * All that was recorded, by `Kind/name`: of other manifests, too. Left out where a resource that goes takes its
   * record with it.
   */
  readRecords?(): Promise<ReadonlyMap<string, RecordedFacts>>;
  /** Takes what was recorded about a resource away. */
  removeRecord?(kind: string, name: string): Promise<void>;
  /** Records facts, in place of those recorded before. On disk when it resolves. */
  writeRecord(kind: string, name: string, facts: RecordedFacts): Promise<void>;
}

/** A store of which things can be taken for good: where pgha alone keeps them. */
export interface OwnStore extends StateStore {
  /** Nothing happens where there is none. */
  deleteSecret(name: string): Promise<void>;
  /** What was recorded about a resource is forgotten. Nothing happens where nothing was. */
  deleteRecord(kind: string, name: string): Promise<void>;
}

/** What was seen once and must not silently become something else. It only ever makes pgha more careful. */
export interface RecordedFacts {
  /** PostgreSQL's database system identifier, from the first time a leader was seen. */
  readonly systemId?: string;
  /** By host name. */
  readonly hosts: Readonly<Record<string, RecordedHost>>;
  /** Of hosts that are given by name, the addresses that pg_hba.conf has: they stay while a name means nothing. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** What was declared and exists: once it is off the list, nobody else remembers. */
  readonly declared?: DeclaredOnce;
  /**
   * What of the spec can't be changed later, as it was last applied by command line. In Kubernetes the API server holds
   * the spec before.
   */
  readonly applied?: Readonly<Record<string, unknown>>;
  /** Where clients connect to a pool, as it was last applied by command line. */
  readonly ports?: readonly number[];
  /**
   * Written before the first start of all members: a bootstrap whose outcome is unknown is never repeated by itself.
   */
  readonly bootstrapIntent?: BootstrapIntent;
  /**
   * Written before its first act, and taken away by the look that sees its end: who is killed in between goes on with
   * it.
   */
  readonly operation?: RecordedOperation;
  /** The last value of the annotation restart-at that was met. */
  readonly restartedAt?: string;
  /** Written before its first act, and taken away by the look that sees another leader. */
  readonly switchover?: RecordedSwitchover;
  /** The last value of the annotation switchover-to that was met. */
  readonly switchedTo?: string;
  /**
   * Written before a member's data are copied anew, and taken away by the look that sees it stream: a copy made so that
   * is of no use either is not followed by another.
   */
  readonly reinit?: RecordedReinit;
}

/** A copy of the data that was given up. */
export interface RecordedReinit {
  readonly member: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  /** Which copy it was. */
  readonly copy: string;
}

/** A switchover that was decided and is not over. */
export interface RecordedSwitchover {
  /** Who or what asked for it. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  /** Who led when it was decided. */
  readonly from: string;
  /** Who is to lead; left out, another. */
  readonly to?: string;
  /** Transactions that do not end are cut. */
  readonly force?: true;
}

/** A planned sequence that was decided and is not over. */
export interface RecordedOperation {
  /** Who or what asked for it. */
  readonly id: string;
  readonly kind: "restart";
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly members: readonly {
    readonly name: string;
    /** Whether it is to restart in any case; else only while something waits for that. */
    readonly asked: boolean;
    /** Which process of PostgreSQL ran then, and since when. */
    readonly postmaster?: string;
  }[];
}

/** A host as it was taken on: its identity (F95), and where it was then. */
export interface RecordedHost {
  /** Its address in the manifest when it was taken on. Another one is another machine. */
  readonly address?: string;
  /** `ssh-ed25519 AAAA...`, seen on first use where the policy allows it. */
  readonly hostKey?: string;
  /** Content of /etc/machine-id. */
  readonly machineId?: string;
  /** UUID of the filesystem at the data volume's mount point (F16). */
  readonly volumeUuid?: string;
}

/** Roles and databases that pgha made or took care of, as long as they exist. */
export interface DeclaredOnce {
  readonly roles: readonly string[];
  readonly databases: readonly { readonly name: string; readonly extensions: readonly string[] }[];
}

export interface BootstrapIntent {
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly members: readonly string[];
  /** Absent while it is not known how it ended. */
  readonly outcome?: "succeeded" | "failed";
}

export const NOTHING_RECORDED: RecordedFacts = { hosts: {} };

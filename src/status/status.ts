import type { Reason } from "../reasons.ts";
import type { Measured } from "./measured.ts";

/** What is reported about one resource: the shape of its `.status`, minus what only Kubernetes adds. */
export interface ResourceStatus {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  /** Display text only: Pending, Bootstrapping, Ready, Degraded, Blocked... */
  readonly phase: string;
  readonly message: string;
  readonly endpoints: readonly Endpoint[];
  readonly hosts: readonly HostStatus[];
  /** PostgresHACluster only. */
  readonly cluster?: ClusterStatus;
  /** Figures of this look; not stored. */
  readonly measured?: Measured;
  /** The pending plan in words. */
  readonly plan: readonly string[];
  readonly waiting?: { readonly for: string; readonly until?: string };
}

export type ConditionStatus = "True" | "False" | "Unknown";

/** metav1.Condition. lastTransitionTime is set by whoever stores it, since only they know the earlier one. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: ConditionStatus;
  readonly reason: Reason;
  readonly message: string;
  readonly observedGeneration: number;
}

export type ConditionType =
  | "Ready"
  | "Available"
  | "Progressing"
  | "Degraded"
  | "Paused"
  | "Reconciling"
  | "Stalled"
  | "SpecValid"
  | "CredentialsReady"
  | "HostsReachable"
  | "QuorumHealthy"
  | "ReplicationHealthy"
  | "FailoverPossible"
  | "ConfigApplied"
  | "PendingRestart"
  | "VersionSkew"
  | "RebootNeeded"
  | "DriftDetected";

export interface Endpoint {
  /** read-write, read-only, pooled, stats. */
  readonly purpose: string;
  readonly address: string;
  readonly port: number;
}

export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly state: string;
  readonly machineId?: string;
  readonly hostKeyFingerprint?: string;
  readonly volumeUuid?: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Package to the version that could be had instead of what is installed. */
  readonly upgrades?: Readonly<Record<string, string>>;
  readonly message?: string;
}

export interface ClusterStatus {
  readonly scope: string;
  readonly leader?: string;
  readonly systemId?: string;
  readonly timeline?: number;
  readonly members: readonly MemberStatus[];
  /** Members that would take over now; none while Patroni is paused. Undefined while nobody leads, or of one member. */
  readonly failoverCandidates?: readonly string[];
  /** Undefined while no Patroni answers. */
  readonly patroniPaused?: boolean;
  /** What Patroni was asked to do at a later moment. */
  readonly scheduled?: readonly string[];
  /** Whom the DCS counts. Absent while no member says. */
  readonly voting?: VotingStatus;
  /** Names of those that are counted as members, or were set up as such, and that the spec does not list. */
  readonly undeclared: readonly string[];
}

export interface VotingStatus {
  readonly voters: number;
  readonly connected: number;
  /** Votes that a decision takes. */
  readonly quorum: number;
  /** How many of the connected voters may still fail before nothing can be written. */
  readonly mayFail: number;
}

export interface MemberStatus {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline?: number;
  readonly lagBytes?: number;
  readonly pendingRestart: boolean;
  readonly version?: string;
}

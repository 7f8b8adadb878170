import type { Reason } from "../../reasons.ts";
import type { Kind } from "../../api/index.ts";
import type { StoredResource, StoredStatus } from "../../state/live-resource.ts";
import type { Finding } from "../../status/conditions.ts";
import type { Condition, ConditionType } from "../../status/status.ts";
import { storedConditions } from "./transition-times.ts";

/** Why a resource was not even looked at on its hosts. */
export interface Refusal {
  /** Condition reason, CamelCase. */
  readonly reason: Reason;
  readonly message: string;
  /** False when only a person can bring it further; true when it comes right as something else appears. */
  readonly heals: boolean;
  /** What somebody has to make or mend before it heals, as a noun phrase: waited for with patience, not for ever. */
  readonly awaits?: string;
  /** The host that this is about, where it is one. */
  readonly host?: string;
  /** The condition that this is about, beside Ready. */
  readonly about: "SpecValid" | "CredentialsReady" | "HostsReachable" | undefined;
}

const SHARED: readonly ConditionType[] = [
  "Available",
  "Progressing",
  "Degraded",
  "Paused",
  "SpecValid",
  "HostsReachable",
  "CredentialsReady",
  "ConfigApplied",
  "DriftDetected",
];
const OWN: Readonly<Record<Kind, readonly ConditionType[]>> = {
  PostgresHACluster: ["QuorumHealthy", "ReplicationHealthy", "FailoverPossible", "PendingRestart"],
  HAProxyPool: [],
  PgBouncerPool: [],
  HostBaseline: ["RebootNeeded"],
};

/** What only some resources of a kind have. */
function saidBefore({ status }: StoredResource): readonly ConditionType[] {
  return status?.conditions?.some(({ type }) => type === "VersionSkew") === true ? ["VersionSkew"] : [];
}

/**
 * The status of a resource that was refused before any look. The verdicts about its hosts become Unknown: nobody
 * looked. What was last seen of them stays until it is `stale`; what is recorded of them stays for ever.
 */
export function unlookedStatus(
  kind: Kind,
  stored: StoredResource,
  refusal: Refusal,
  nowMs: number,
  stale: boolean,
  waiting?: StoredStatus["waiting"],
): StoredStatus {
  const { reason, message, heals, about } = refusal;
  const observedGeneration = stored.metadata.generation ?? 0;
  const unknown: Finding = { status: "Unknown", reason: "NotLooked", message: "nobody looked, see Ready" };
  const bad: Finding = { status: "False", reason, message };
  const found: readonly (readonly [ConditionType, Finding])[] = [
    ["Ready", bad],
    ...[...SHARED, ...OWN[kind], ...saidBefore(stored)].map((type): readonly [ConditionType, Finding] => [
      type,
      type === about ? bad : (FIXED[type]?.(reason, message) ?? unknown),
    ]),
    [heals ? "Reconciling" : "Stalled", { ...bad, status: "True" }],
  ];
  const conditions = found.map(([type, finding]): Condition => ({ type, ...finding, observedGeneration }));
  const { waiting: _, plan: __, acceptedSpec: ___, ...known } = stored.status ?? {};
  const before = stale ? withoutSeen(known) : known;
  return {
    ...before,
    observedGeneration,
    phase: heals ? "Waiting" : "Blocked",
    message,
    conditions: storedConditions(conditions, before.conditions, nowMs),
    ...(waiting === undefined ? {} : { waiting }),
    plan: [],
  };
}

/** What is known without a look. */
const FIXED: Partial<Record<ConditionType, (reason: Reason, message: string) => Finding>> = {
  Progressing: (reason) => ({ status: "False", reason, message: "" }),
  Degraded: (reason, message) => ({ status: "True", reason, message }),
  Paused: () => ({ status: "False", reason: "NotPaused", message: "" }),
  SpecValid: () => ({ status: "True", reason: "Valid", message: "" }),
};

/** What was seen once and may be otherwise by now. */
function withoutSeen(status: StoredStatus): StoredStatus {
  const {
    leader: _,
    timeline: __,
    readyMembers: ___,
    readyHosts: ____,
    lagBytes: _____,
    members: ______,
    ...kept
  } = status;
  const { hosts } = kept;
  if (hosts === undefined) return kept;
  return {
    ...kept,
    hosts: hosts.map(({ message: _m, versions: _v, upgrades: _u, ...host }) => ({ ...host, state: "NotLooked" })),
  };
}

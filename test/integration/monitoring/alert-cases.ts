import type { AlertCase } from "./alert-case.ts";

const CLUSTER = 'kind="PostgresHACluster", namespace="db", name="main"';
const labels = { kind: "PostgresHACluster", namespace: "db", name: "main" };
const LEADS = { 'leader_election_master_status{instance="a", name="pgha-operator"}': "1x20000" };
const LED = { 'leader_election_master_status{instance="a", name="pgha-operator"}': "0x20000" };

function condition(type: string, status: string): string {
  return `pgha_resource_condition{instance="a", ${CLUSTER}, type="${type}", status="${status}"}`;
}

/**
 * An alert about one condition: fires for it, is quiet for its opposite, for a moment of it, and for who only led once.
 */
function ofCondition(
  alert: string,
  type: string,
  status: "True" | "False",
  at: string,
  notYet: string,
  step = "1m",
): AlertCase {
  const other = status === "True" ? "False" : "True";
  return {
    alert,
    at,
    notYet,
    step,
    labels,
    fires: { ...LEADS, [condition(type, status)]: "1x20000", [condition(type, other)]: "0x20000" },
    quiet: {
      "the condition is as it should be": {
        ...LEADS,
        [condition(type, status)]: "0x20000",
        [condition(type, other)]: "1x20000",
      },
      "nobody knows": { ...LEADS, [condition(type, status)]: "0x20000", [condition(type, "Unknown")]: "1x20000" },
      "the replica that says so does not lead any more": { ...LED, [condition(type, status)]: "1x20000" },
    },
  };
}

const DEPTH = 'workqueue_depth{instance="a", controller="pgha-stack", name="pgha-stack"}';
const UNDECLARED = `pgha_cluster_undeclared_members{instance="a", ${CLUSTER}}`;
const MAY_FAIL = `pgha_cluster_raft_may_fail{instance="a", ${CLUSTER}}`;
const VOTERS = `pgha_cluster_raft_voters{instance="a", ${CLUSTER}}`;
const QUORUM = `pgha_cluster_quorum{instance="a", ${CLUSTER}}`;
const MEMBERS = `pgha_cluster_members{instance="a", ${CLUSTER}, state="streaming"}`;
const LEADER = `pgha_cluster_leader{instance="a", ${CLUSTER}, member="db-1"}`;
const HOST = `pgha_host_reachable{instance="a", ${CLUSTER}, host="db-1"}`;
const LAG = `pgha_cluster_replication_lag_bytes{instance="a", ${CLUSTER}, member="db-2"}`;
const SUCCESS = `pgha_resource_last_success_timestamp_seconds{instance="a", ${CLUSTER}}`;
const GENERATION = `pgha_resource_generation{instance="a", ${CLUSTER}}`;
const OBSERVED = `pgha_resource_observed_generation{instance="a", ${CLUSTER}}`;
const ERRORS = 'controller_runtime_reconcile_errors_total{instance="a", controller="pgha-stack"}';
const LONGEST = 'workqueue_longest_running_processor_seconds{instance="a", controller="pgha-stack", name="pgha-stack"}';
const NOT_READY = { ...LEADS, [condition("Ready", "False")]: "1x20000" };

const PATRONI_PAUSED = `pgha_cluster_patroni_paused{instance="a", ${CLUSTER}}`;
const CANDIDATES = `pgha_cluster_failover_candidates{instance="a", ${CLUSTER}}`;
const DISK = `pgha_host_disk_bytes{instance="a", ${CLUSTER}, host="db-1", volume="data"}`;
const FREE = `pgha_host_disk_free_bytes{instance="a", ${CLUSTER}, host="db-1", volume="data"}`;
const CLOCK = `pgha_host_clock_offset_seconds{instance="a", ${CLUSTER}, host="db-1"}`;
const KEPT = `pgha_member_inactive_slot_retained_bytes{instance="a", ${CLUSTER}, member="db-1"}`;
const CONNECTIONS = `pgha_member_connections{instance="a", ${CLUSTER}, member="db-1"}`;
const MAXIMUM = `pgha_member_connections_maximum{instance="a", ${CLUSTER}, member="db-1"}`;

/** Alerts about a disk: both fire by what part of it is free. */
function ofDisk(alert: string, free: number, at: string, notYet: string, value: string): AlertCase {
  return {
    alert,
    fires: { ...LEADS, [DISK]: "1000x20000", [FREE]: `${free}x20000` },
    at,
    notYet,
    labels: { ...labels, host: "db-1", volume: "data" },
    value,
    quiet: {
      "there is room": { ...LEADS, [DISK]: "1000x20000", [FREE]: "160x20000" },
      "it was full for a moment": { ...LEADS, [DISK]: "1000x20000", [FREE]: `160 ${free} ${free} 160x20000` },
      "nobody knows": LEADS,
      "the replica that says so does not lead any more": { ...LED, [DISK]: "1000x20000", [FREE]: `${free}x20000` },
    },
  };
}

export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: "PghaOperatorInactive",
    fires: { ...LED, [DEPTH]: "0x20000" },
    at: "6m",
    notYet: "4m",
    labels: {},
    quiet: {
      "one replica leads": {
        ...LED,
        [DEPTH]: "0x20000",
        'leader_election_master_status{instance="b", name="pgha-operator"}': "1x20000",
        [DEPTH.replace('"a"', '"b"')]: "0x20000",
      },
      "the only replica does not compete": { [DEPTH]: "0x20000" },
      "the lease changes hands": {
        [DEPTH]: "0x20000",
        'leader_election_master_status{instance="a", name="pgha-operator"}': "1 0 0 0 1x20000",
      },
    },
  },
  ofCondition("PghaNotServing", "Available", "False", "2m", "30s"),
  {
    alert: "PghaNoQuorum",
    fires: { ...LEADS, [QUORUM]: "0x20000" },
    at: "2m",
    notYet: "30s",
    labels,
    quiet: {
      "there is one": { ...LEADS, [QUORUM]: "1x20000" },
      "it is not known": LEADS,
      "the replica that says so does not lead any more": { ...LED, [QUORUM]: "0x20000" },
    },
  },
  {
    alert: "PghaNoLeader",
    fires: { ...LEADS, [MEMBERS]: "3x20000" },
    at: "2m",
    notYet: "30s",
    labels,
    quiet: {
      "one leads": { ...LEADS, [MEMBERS]: "3x20000", [LEADER]: "1x20000" },
      "it is a pool": { ...LEADS, [HOST]: "1x20000" },
      "another takes over": {
        ...LEADS,
        [MEMBERS]: "3x20000",
        [LEADER]: "1 1 1 _x20000",
        [LEADER.replace("db-1", "db-2")]: "_ _ _ 1x20000",
      },
    },
  },
  {
    alert: "PghaMemberUndeclared",
    fires: { ...LEADS, [UNDECLARED]: "2x20000" },
    at: "6m",
    notYet: "4m",
    labels,
    value: "2",
    quiet: {
      "all are listed": { ...LEADS, [UNDECLARED]: "0x20000" },
      "it left within minutes": { ...LEADS, [UNDECLARED]: "1 1 1 1 0x20000" },
      "the replica that says so does not lead any more": { ...LED, [UNDECLARED]: "2x20000" },
    },
  },
  {
    alert: "PghaQuorumAtRisk",
    fires: { ...LEADS, [MAY_FAIL]: "0x20000", [VOTERS]: "5x20000" },
    at: "6m",
    notYet: "4m",
    labels,
    quiet: {
      "one may fail": { ...LEADS, [MAY_FAIL]: "1x20000", [VOTERS]: "3x20000" },
      "it is a cluster of one member": { ...LEADS, [MAY_FAIL]: "0x20000", [VOTERS]: "1x20000" },
      "a member restarts": { ...LEADS, [MAY_FAIL]: "1 0 0 1x20000", [VOTERS]: "3x20000" },
      "the replica that says so does not lead any more": { ...LED, [MAY_FAIL]: "0x20000", [VOTERS]: "5x20000" },
    },
  },
  {
    alert: "PghaHostUnreachable",
    fires: { ...LEADS, [HOST]: "0x20000" },
    at: "6m",
    notYet: "4m",
    labels: { ...labels, host: "db-1" },
    quiet: {
      "it answers": { ...LEADS, [HOST]: "1x20000" },
      "it restarts": { ...LEADS, [HOST]: "1 0 0 0 0 1x20000" },
      "its resource is gone": { ...LEADS, [HOST]: "0 0 stale" },
    },
  },
  ofCondition("PghaReplicaNotStreaming", "ReplicationHealthy", "False", "11m", "9m"),
  {
    alert: "PghaReplicationLag",
    fires: { ...LEADS, [LAG]: "1073741824x20000" },
    at: "11m",
    notYet: "9m",
    labels: { ...labels, member: "db-2" },
    value: "1Gi",
    quiet: {
      "it is small": { ...LEADS, [LAG]: "1048576x20000" },
      "it is caught up": { ...LEADS, [LAG]: "1073741824x8 0x20000" },
    },
  },
  {
    alert: "PghaPatroniPaused",
    fires: { ...LEADS, [PATRONI_PAUSED]: "1x20000" },
    at: "11m",
    notYet: "9m",
    labels,
    quiet: {
      "it is not paused": { ...LEADS, [PATRONI_PAUSED]: "0x20000" },
      "it was paused for some minutes": { ...LEADS, [PATRONI_PAUSED]: "1x8 0x20000" },
      "the replica that says so does not lead any more": { ...LED, [PATRONI_PAUSED]: "1x20000" },
    },
  },
  {
    alert: "PghaNoFailover",
    fires: { ...LEADS, [CANDIDATES]: "0x20000", [PATRONI_PAUSED]: "0x20000" },
    at: "6m",
    notYet: "4m",
    labels,
    quiet: {
      "one could take over": { ...LEADS, [CANDIDATES]: "1x20000" },
      "another alert says that Patroni is paused": { ...LEADS, [CANDIDATES]: "0x20000", [PATRONI_PAUSED]: "1x20000" },
      "the cluster has one member, or nobody leads": LEADS,
    },
  },
  ofDisk("PghaDiskAlmostFull", 140, "16m", "14m", "14%"),
  ofDisk("PghaDiskFull", 40, "6m", "4m", "4%"),
  {
    alert: "PghaClockOffset",
    fires: { ...LEADS, [CLOCK]: "-2x20000" },
    at: "11m",
    notYet: "9m",
    labels: { ...labels, host: "db-1" },
    value: "2s",
    quiet: {
      "it is near": { ...LEADS, [CLOCK]: "-0.2x20000" },
      "it was set right": { ...LEADS, [CLOCK]: "2x8 0x20000" },
    },
  },
  {
    alert: "PghaSlotRetainsWal",
    fires: { ...LEADS, [KEPT]: "10737418240x20000" },
    at: "16m",
    notYet: "14m",
    labels: { ...labels, member: "db-1" },
    value: "10Gi",
    quiet: {
      "it is little": { ...LEADS, [KEPT]: "1073741824x20000" },
      "its reader came back": { ...LEADS, [KEPT]: "10737418240x12 0x20000" },
    },
  },
  {
    alert: "PghaConnectionsNearMaximum",
    fires: { ...LEADS, [CONNECTIONS]: "95x20000", [MAXIMUM]: "100x20000" },
    at: "11m",
    notYet: "9m",
    labels: { ...labels, member: "db-1" },
    value: "95%",
    quiet: {
      "there is room": { ...LEADS, [CONNECTIONS]: "80x20000", [MAXIMUM]: "100x20000" },
      "it was a moment": { ...LEADS, [CONNECTIONS]: "95x5 10x20000", [MAXIMUM]: "100x20000" },
    },
  },
  ofCondition("PghaStalled", "Stalled", "True", "6m", "4m"),
  {
    alert: "PghaNotReady",
    fires: NOT_READY,
    at: "61m",
    notYet: "59m",
    labels,
    quiet: {
      "it is ready": { ...LEADS, [condition("Ready", "False")]: "0x20000" },
      "it is paused": { ...NOT_READY, [condition("Paused", "True")]: "1x20000" },
      "another alert says that it waits for a person": { ...NOT_READY, [condition("Stalled", "True")]: "1x20000" },
      "the replica that says so does not lead any more": { ...LED, [condition("Ready", "False")]: "1x20000" },
    },
  },
  {
    alert: "PghaNotLookedAt",
    fires: { ...LEADS, [SUCCESS]: "0x20000", [condition("Ready", "True")]: "1x20000" },
    at: "30m",
    notYet: "19m",
    labels,
    value: "30m 0s",
    quiet: {
      "it is looked at": { ...LEADS, [SUCCESS]: "0+60x20000", [condition("Ready", "True")]: "1x20000" },
      "it is not ready, which is another alert": {
        ...LEADS,
        [SUCCESS]: "0x20000",
        [condition("Ready", "True")]: "0x20000",
      },
      "the replica that says so does not lead any more": {
        ...LED,
        [SUCCESS]: "0x20000",
        [condition("Ready", "True")]: "1x20000",
      },
    },
  },
  {
    alert: "PghaNotSeen",
    fires: { ...LEADS, [condition("HostsReachable", "Unknown")]: "1x20000" },
    at: "6m",
    notYet: "4m",
    labels,
    quiet: {
      "its hosts are looked at": {
        ...LEADS,
        [condition("HostsReachable", "Unknown")]: "0x20000",
        [condition("HostsReachable", "False")]: "1x20000",
      },
      "it is refused for a moment": { ...LEADS, [condition("HostsReachable", "Unknown")]: "0 1 1 0x20000" },
      "the replica that says so does not lead any more": {
        ...LED,
        [condition("HostsReachable", "Unknown")]: "1x20000",
      },
    },
  },
  {
    alert: "PghaGenerationNotObserved",
    fires: { ...LEADS, [GENERATION]: "4x20000", [OBSERVED]: "3x20000" },
    at: "11m",
    notYet: "9m",
    labels,
    quiet: {
      "the status follows": { ...LEADS, [GENERATION]: "3 4x20000", [OBSERVED]: "3 3 4x20000" },
      "it is edited again and again": { ...LEADS, [GENERATION]: "1+1x20000", [OBSERVED]: "1+1x20000" },
    },
  },
  ofCondition("PghaDrift", "DriftDetected", "True", "31m", "29m"),
  ofCondition("PghaRestartPending", "PendingRestart", "True", "25h", "23h", "1h"),
  ofCondition("PghaPaused", "Paused", "True", "169h", "167h", "1h"),
  {
    alert: "PghaReconcileErrors",
    fires: { [ERRORS]: "0+1x20000" },
    at: "45m",
    notYet: "10m",
    labels: { controller: "pgha-stack" },
    value: "15",
    quiet: {
      "there are none": { [ERRORS]: "7x20000" },
      "one now and then": { [ERRORS]: "0x10 1x10 2x10 3x20000" },
      "another program has some": { [ERRORS.replace("pgha-stack", "ingress")]: "0+1x20000" },
    },
  },
  {
    alert: "PghaWorkStuck",
    fires: { [LONGEST]: "0+60x20000" },
    at: "40m",
    notYet: "34m",
    labels: { controller: "pgha-stack" },
    value: "40m 0s",
    quiet: {
      "it ends": { [LONGEST]: "0+60x20 0+60x20 0+60x20" },
      "packages take their time": { [LONGEST]: "900x30 0x20000" },
    },
  },
];

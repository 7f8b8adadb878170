import { Counter, Histogram } from "prom-client";
import type { Registry } from "prom-client";
import { createResourceGauge } from "../runtime/resource-gauge.ts";
import type { ResourceLabels } from "../runtime/resource-gauge.ts";
import type { StoredResource } from "../state/live-resource.ts";
import type { ResourceStatus } from "../status/status.ts";
import { createMeasuredMetrics } from "./measured-metrics.ts";
import type { ShellObserver } from "./hosts/watched-shell.ts";

/** pgha's own metrics. Everything that is about a resource vanishes with it. */
export interface OperatorMetrics {
  readonly shells: ShellObserver;
  /** What a status says, as it was stored. */
  stored(resource: ResourceLabels, stored: StoredResource): void;
  /** What a pass saw, which is finer than what is stored. */
  seen(resource: ResourceLabels, report: ResourceStatus, unreachable: ReadonlySet<string>): void;
  /** What was seen is too old to be told. */
  unseen(resource: ResourceLabels): void;
  /** A pass found nothing to do at this moment. */
  succeeded(resource: ResourceLabels, nowMs: number): void;
  applied(change: string): void;
  forget(resource: ResourceLabels): void;
}

const EXEC_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function createOperatorMetrics(registry: Registry): OperatorMetrics {
  const registers = [registry];
  const gauge = <const Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    createResourceGauge(registry, { name, help, labelNames });
  const one = (name: string, help: string) => gauge(name, help, []);
  const conditions = gauge("pgha_resource_condition", "1 for the status that a condition has, 0 for the two others.", [
    "type",
    "status",
  ]);
  const generation = one("pgha_resource_generation", "Generation of the spec.");
  const observed = one("pgha_resource_observed_generation", "Generation that the status is about.");
  const success = one("pgha_resource_last_success_timestamp_seconds", "When a pass last found nothing to do.");
  const reachable = gauge("pgha_host_reachable", "Whether the host answered the last look.", ["host"]);
  const drift = one("pgha_drift_items", "Steps that would bring the hosts to what is wanted.");
  const leader = gauge("pgha_cluster_leader", "1 for the member that leads; no series while none is known to.", [
    "member",
  ]);
  const members = gauge("pgha_cluster_members", "Members by state.", ["state"]);
  const lag = gauge("pgha_cluster_replication_lag_bytes", "How far a member's replay is behind the leader.", [
    "member",
  ]);
  const quorum = one(
    "pgha_cluster_quorum",
    "1 while the consensus has a quorum, 0 while it has none; no series while unknown.",
  );
  const voters = one("pgha_cluster_raft_voters", "Voters that RAFT counts, declared or not; no series while unknown.");
  const connected = one("pgha_cluster_raft_voters_connected", "Voters that are up and see each other.");
  const needed = one("pgha_cluster_raft_quorum", "Votes that a decision takes.");
  const mayFail = one("pgha_cluster_raft_may_fail", "Connected voters that may fail before nothing can be written.");
  const undeclared = one(
    "pgha_cluster_undeclared_members",
    "Members that are counted and that the spec does not list.",
  );
  const voting = { voters, connected, quorum: needed, mayFail } as const;
  const measured = createMeasuredMetrics(registry);
  const ofCluster = [leader, members, lag, quorum, ...Object.values(voting), undeclared] as const;
  const bySight = [reachable, drift, measured, ...ofCluster] as const;
  const all = [conditions, generation, observed, success, ...bySight] as const;
  const errors = new Counter({
    registers,
    name: "pgha_ssh_errors_total",
    help: "Commands that a host could not be asked, by reason.",
    labelNames: ["reason"] as const,
  });
  const seconds = new Histogram({
    registers,
    name: "pgha_exec_seconds",
    help: "How long commands on hosts took; its count is how many ran.",
    buckets: EXEC_BUCKETS,
  });
  /** One object until something in it changes: most visits bring the same. */
  const told = new WeakSet<StoredResource>();
  const steps = new Counter({
    registers,
    name: "pgha_plan_steps_applied_total",
    help: "Steps done, by kind of change.",
    labelNames: ["change"] as const,
  });

  return {
    shells: { ran: (took) => seconds.observe(took), failed: (reason) => errors.inc({ reason }) },
    stored(resource, stored) {
      if (told.has(stored)) return;
      told.add(stored);
      const { metadata, status } = stored;
      const known = status?.conditions ?? [];
      conditions.set(
        resource,
        known.flatMap(({ type, status: is }) =>
          ["True", "False", "Unknown"].map((value) => ({
            labels: { type, status: value },
            value: is === value ? 1 : 0,
          })),
        ),
      );
      generation.set(resource, [{ labels: {}, value: metadata.generation ?? 0 }]);
      observed.set(resource, [{ labels: {}, value: status?.observedGeneration ?? 0 }]);
    },
    seen(resource, report, unreachable) {
      reachable.set(
        resource,
        report.hosts.map(({ name }) => ({ labels: { host: name }, value: unreachable.has(name) ? 0 : 1 })),
      );
      drift.set(resource, [{ labels: {}, value: report.plan.length }]);
      measured.seen(resource, report);
      const { cluster } = report;
      if (cluster === undefined) return;
      leader.set(resource, cluster.leader === undefined ? [] : [{ labels: { member: cluster.leader }, value: 1 }]);
      members.set(
        resource,
        [...Map.groupBy(cluster.members, (member) => member.state)].map(([state, same]) => ({
          labels: { state },
          value: same.length,
        })),
      );
      lag.set(
        resource,
        cluster.members.flatMap(({ name, lagBytes }) =>
          lagBytes === undefined ? [] : [{ labels: { member: name }, value: lagBytes }],
        ),
      );
      for (const [field, each] of Object.entries(voting) as [keyof typeof voting, typeof voters][])
        each.set(resource, cluster.voting === undefined ? [] : [{ labels: {}, value: cluster.voting[field] }]);
      undeclared.set(resource, [{ labels: {}, value: cluster.undeclared.length }]);
      const has = report.conditions.find((condition) => condition.type === "QuorumHealthy")?.status;
      quorum.set(resource, has === "True" || has === "False" ? [{ labels: {}, value: has === "True" ? 1 : 0 }] : []);
    },
    unseen: (resource) => bySight.forEach((each) => each.forget(resource)),
    succeeded: (resource, nowMs) => success.set(resource, [{ labels: {}, value: Math.floor(nowMs / 1000) }]),
    applied: (change) => steps.inc({ change }),
    forget: (resource) => all.forEach((each) => each.forget(resource)),
  };
}

import type { Registry } from "prom-client";
import { createResourceGauge } from "../runtime/resource-gauge.ts";
import type { ResourceLabels } from "../runtime/resource-gauge.ts";
import type { ResourceStatus } from "../status/status.ts";

/** What a DBA watches, of hosts and members that answered the last look; the others have no series. */
export interface MeasuredMetrics {
  seen(resource: ResourceLabels, report: ResourceStatus): void;
  forget(resource: ResourceLabels): void;
}

export function createMeasuredMetrics(registry: Registry): MeasuredMetrics {
  const gauge = <const Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    createResourceGauge(registry, { name, help, labelNames });
  const size = gauge("pgha_host_disk_bytes", "Size of / and of the data volume.", ["host", "volume"]);
  const free = gauge("pgha_host_disk_free_bytes", "Free space on / and on the data volume.", ["host", "volume"]);
  const clock = gauge("pgha_host_clock_offset_seconds", "The host's clock minus the operator's.", ["host"]);
  const reboot = gauge("pgha_host_reboot_needed", "1 while what is installed on a host runs after a reboot alone.", [
    "host",
  ]);
  const versions = gauge("pgha_host_version", "1 for what runs on a host, and in which version.", [
    "host",
    "program",
    "version",
  ]);
  const upgrades = gauge("pgha_host_package_upgrade", "1 for a newer version that a host's package sources have.", [
    "host",
    "package",
    "version",
  ]);
  const restart = gauge("pgha_member_pending_restart", "1 while settings wait for a restart of the member.", [
    "member",
  ]);
  const used = gauge("pgha_member_connections", "Clients' sessions.", ["member"]);
  const most = gauge("pgha_member_connections_maximum", "max_connections as it is in force.", ["member"]);
  const slots = gauge("pgha_member_replication_slots", "Lasting replication slots, by whether they have a reader.", [
    "member",
    "active",
  ]);
  const retained = gauge(
    "pgha_member_inactive_slot_retained_bytes",
    "WAL that the hungriest replication slot without a reader keeps from being removed.",
    ["member"],
  );
  const candidates = gauge("pgha_cluster_failover_candidates", "Members that could take over now.", []);
  const paused = gauge(
    "pgha_cluster_patroni_paused",
    "1 while somebody has paused Patroni; no series while unknown.",
    [],
  );
  const all = [
    size,
    free,
    clock,
    reboot,
    versions,
    upgrades,
    restart,
    used,
    most,
    slots,
    retained,
    candidates,
    paused,
  ] as const;
  return {
    seen(resource, { measured, hosts, cluster }) {
      const disks = (measured?.hosts ?? []).flatMap(({ name, disks: of }) =>
        of.map(({ volume, ...bytes }) => ({ labels: { host: name, volume }, ...bytes })),
      );
      size.set(
        resource,
        disks.map(({ labels, sizeBytes }) => ({ labels, value: sizeBytes })),
      );
      free.set(
        resource,
        disks.map(({ labels, freeBytes }) => ({ labels, value: freeBytes })),
      );
      clock.set(
        resource,
        (measured?.hosts ?? []).map(({ name, clockOffsetSeconds }) => ({
          labels: { host: name },
          value: clockOffsetSeconds,
        })),
      );
      reboot.set(
        resource,
        (measured?.hosts ?? []).flatMap(({ name, needsReboot }) =>
          needsReboot === undefined ? [] : [{ labels: { host: name }, value: needsReboot ? 1 : 0 }],
        ),
      );
      versions.set(
        resource,
        hosts.flatMap(({ name, versions: running }) =>
          Object.entries(running).map(([program, version]) => ({ labels: { host: name, program, version }, value: 1 })),
        ),
      );
      upgrades.set(
        resource,
        hosts.flatMap(({ name, upgrades: newer = {} }) =>
          Object.entries(newer).map(([of, version]) => ({ labels: { host: name, package: of, version }, value: 1 })),
        ),
      );
      const members = (measured?.members ?? []).map((member) => ({ labels: { member: member.name }, ...member }));
      restart.set(
        resource,
        members.map(({ labels, pendingRestart }) => ({ labels, value: pendingRestart ? 1 : 0 })),
      );
      used.set(
        resource,
        members.map(({ labels, connections }) => ({ labels, value: connections })),
      );
      most.set(
        resource,
        members.map(({ labels, maximumConnections }) => ({ labels, value: maximumConnections })),
      );
      slots.set(
        resource,
        members.flatMap(({ labels, slots: { active, inactive } }) => [
          { labels: { ...labels, active: "true" }, value: active },
          { labels: { ...labels, active: "false" }, value: inactive },
        ]),
      );
      retained.set(
        resource,
        members.map(({ labels, slots: { inactiveRetainedBytes } }) => ({ labels, value: inactiveRetainedBytes })),
      );
      const who = cluster?.failoverCandidates;
      candidates.set(resource, who === undefined ? [] : [{ labels: {}, value: who.length }]);
      const isPaused = cluster?.patroniPaused;
      paused.set(resource, isPaused === undefined ? [] : [{ labels: {}, value: isPaused ? 1 : 0 }]);
    },
    forget: (resource) => all.forEach((each) => each.forget(resource)),
  };
}

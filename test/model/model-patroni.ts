import { dataDirectoryOf } from "../../src/api/index.ts";
import type { PostgresHACluster } from "../../src/api/index.ts";
import type { ModelHost } from "./model-host.ts";
import { parametersIn, sharedOf, startPostgres } from "./model-settings.ts";
import type { ModelWorld } from "./model-world.ts";
import { readYaml } from "./read-once.ts";
import { PATRONI } from "./model-units.ts";

/**
 * What Patroni and RAFT do by themselves, a round of the loop at a time, as far as a plan can tell: who leads holds a key
 * that lives for `ttl`; without a majority of voters nobody takes or renews it, and who led stands down; whoever is
 * furthest takes it over once it is old. What RAFT knows is on its voters' disks: blank ones in a majority know nothing,
 * and then who has no data either makes a new cluster.
 */
export function patroniRound(model: ModelWorld, cluster: PostgresHACluster, host: ModelHost): void {
  const heard = model.heardBy(cluster, host);
  const majority = majorityOf(model, cluster);
  if (heard.length < majority) {
    standDown(model, host);
    follow(model, cluster, host);
    return;
  }
  forgetIfBlank(model, heard, majority);
  meet(model, cluster, heard);
  host.dcsSeenAt = model.clock;
  host.configuration = model.dynamicConfiguration;
  if (model.initialize === undefined) return bootstrap(model, cluster, host);
  if (host.dataDirectory !== "valid") return copyFromLeader(model, cluster, host);
  if (!mayRun(model, host)) {
    host.role = undefined;
    return;
  }
  const { key } = model;
  const isHeld = key !== undefined && key.until > model.clock;
  if (isHeld ? key.holder === host.name : takesOver(model, host, heard)) return lead(model, host);
  host.role = "replica";
  follow(model, cluster, host);
}

/** Whether PostgreSQL there answers, whatever it is. */
export function serves(host: ModelHost): boolean {
  return host.active.has(PATRONI) && host.dataDirectory === "valid" && !host.restarting && !host.broken;
}

export function majorityOf({ voters }: ModelWorld, cluster: PostgresHACluster): number {
  return Math.floor((voters.size === 0 ? cluster.spec.hosts.length : voters.size) / 2) + 1;
}

/** Whether a standby gets what its leader writes. */
export function streamsFrom(
  model: ModelWorld,
  cluster: PostgresHACluster,
  leader: ModelHost,
  host: ModelHost,
): boolean {
  return (
    host !== leader &&
    serves(leader) &&
    serves(host) &&
    !host.diverged &&
    host.role !== "primary" &&
    host.systemId === leader.systemId &&
    model.heardBy(cluster, host).includes(leader)
  );
}

/** Writes that a leader takes reach whoever streams from it. */
export function replicate(model: ModelWorld, cluster: PostgresHACluster, written: number): void {
  for (const leader of cluster.spec.hosts.map(({ name }) => model.host(name))) {
    if (!serves(leader) || leader.role !== "primary") continue;
    leader.position += written;
    for (const host of cluster.spec.hosts.map(({ name }) => model.host(name))) {
      if (!streamsFrom(model, cluster, leader, host)) continue;
      host.position = leader.position;
      host.timeline = leader.timeline;
      // What the leader runs with is replayed by all that stream.
      host.atLeast = sharedOf(leader.parametersAtStart ?? {});
    }
  }
}

/** Of a majority that holds no journal nobody knows anything. */
function forgetIfBlank(model: ModelWorld, heard: readonly ModelHost[], majority: number): void {
  if (model.voters.size === 0 || heard.filter(({ journals }) => journals.length === 0).length < majority) return;
  model.key = undefined;
  model.initialize = undefined;
  model.dynamicConfiguration = {};
}

function meet(model: ModelWorld, { spec }: PostgresHACluster, heard: readonly ModelHost[]): void {
  const { port } = spec.patroni.dcs.raft;
  if (spec.hosts.some(({ name }) => !model.voters.has(name)))
    model.voters = new Map([
      ...model.voters,
      ...spec.hosts.map(({ name, address }) => [name, `${address}:${port}`] as const),
    ]);
  for (const host of heard) if (host.journals.length === 0) host.journals = ["journal"];
}

/** Whoever comes first: with its data, if it has any. One that has none makes a cluster, whoever else holds data. */
function bootstrap(model: ModelWorld, cluster: PostgresHACluster, host: ModelHost): void {
  if (host.dataDirectory !== "valid") {
    host.dataDirectory = "valid";
    host.systemId = model.newSystemId();
    host.timeline = 1;
    host.position = 0;
    host.directories.set(dataDirectoryOf(cluster), ownersOf(host));
  }
  model.initialize = host.systemId;
  if (Object.keys(model.dynamicConfiguration).length === 0) model.dynamicConfiguration = bootstrapOf(host);
  host.configuration = model.dynamicConfiguration;
  lead(model, host);
}

function copyFromLeader(model: ModelWorld, cluster: PostgresHACluster, host: ModelHost): void {
  const leader = model.leader(cluster);
  if (leader === undefined || !model.heardBy(cluster, host).includes(leader)) return;
  host.dataDirectory = "valid";
  host.systemId = leader.systemId;
  host.timeline = leader.timeline;
  host.position = leader.position;
  host.atLeast = sharedOf(leader.parametersAtStart ?? {});
  host.directories.set(dataDirectoryOf(cluster), ownersOf(host));
  host.role = "replica";
  follow(model, cluster, host);
}

function ownersOf(host: ModelHost): { owner: string; group: string; mode: number } {
  const { owner = "postgres", group = "postgres" } = host.files.get("/etc/patroni/config.yml") ?? {};
  return { owner, group, mode: 0o700 };
}

/** Patroni ends where its data is of another cluster than the DCS says. */
function mayRun(model: ModelWorld, host: ModelHost): boolean {
  host.systemId ??= model.initialize;
  return host.systemId === model.initialize;
}

function lead(model: ModelWorld, host: ModelHost): void {
  if (host.restarting) {
    // Patroni keeps the key while it restarts its PostgreSQL itself.
    model.key = { holder: host.name, until: model.clock + ttlOf(model) };
    return;
  }
  if (host.broken) return;
  if (host.role !== "primary")
    host.timeline = Math.max(host.timeline, model.timeline) + (model.key === undefined ? 0 : 1);
  model.timeline = Math.max(model.timeline, host.timeline);
  model.key = { holder: host.name, until: model.clock + ttlOf(model) };
  host.role = "primary";
  startPostgres(host, parametersIn(host.configuration), true);
}

/** Nobody holds the key: who is furthest takes it, of two the one that is to be preferred; in a pause only who led. */
function takesOver(model: ModelWorld, host: ModelHost, heard: readonly ModelHost[]): boolean {
  if (host.restarting || host.broken || host.diverged) return false;
  if (isPaused(model.dynamicConfiguration)) return host.role === "primary";
  const able = heard.filter(
    (other) => serves(other) && !other.diverged && other.systemId === model.initialize && priorityOf(other) !== 0,
  );
  const furthest = Math.max(...able.map(({ position }) => position));
  const best = able
    .filter(({ position }) => position === furthest)
    .toSorted((left, right) => priorityOf(right) - priorityOf(left));
  return best[0] !== undefined && priorityOf(best[0]) === priorityOf(host) && best.includes(host);
}

/** Without a majority its key can't be renewed; it stands down before another may lead. Not while Patroni is paused. */
function standDown(model: ModelWorld, host: ModelHost): void {
  if (host.role !== "primary" || isPaused(host.configuration)) return;
  const retry = Number(host.configuration["retry_timeout"] ?? 10) * 1000;
  if (model.clock - host.dcsSeenAt >= retry) host.role = "replica";
}

/** Starts as a standby whatever was not running. One that was ahead of its leader is rewound. */
function follow(model: ModelWorld, cluster: PostgresHACluster, host: ModelHost): void {
  if (!serves(host) || host.role === "primary") return;
  host.role = "replica";
  startPostgres(host, parametersIn(host.configuration), false);
  const leader = model.leader(cluster);
  if (leader !== undefined && streamsFrom(model, cluster, leader, host)) host.position = leader.position;
}

export function isPaused(configuration: Readonly<Record<string, unknown>>): boolean {
  return configuration["pause"] === true;
}

function priorityOf(host: ModelHost): number {
  const tags = host.patroniTags();
  return tags["nofailover"] === true ? 0 : Number(tags["failover_priority"] ?? 1);
}

function ttlOf({ dynamicConfiguration }: ModelWorld): number {
  return Number(dynamicConfiguration["ttl"] ?? 30) * 1000;
}

export function loopOf({ configuration }: ModelHost): number {
  return Number(configuration["loop_wait"] ?? 10) * 1000;
}

/** What the first leader puts into the DCS: `bootstrap.dcs` of its own file. */
function bootstrapOf(host: ModelHost): Record<string, unknown> {
  const file = readYaml(host.files.get("/etc/patroni/config.yml")?.content ?? "{}") as {
    bootstrap?: { dcs?: Record<string, unknown> };
  };
  return file.bootstrap?.dcs ?? {};
}

import { SHARED_SETTINGS } from "../../src/plan/operations/restart-order.ts";
import type { ModelHost } from "./model-host.ts";
import { isPaused, majorityOf, serves, streamsFrom } from "./model-patroni.ts";
import { readsFrom } from "./model-proxy.ts";
import type { ModelWorld } from "./model-world.ts";
import { HAPROXY, PATRONI, PGBOUNCER } from "./model-units.ts";

/** What the invariants go by, of a world at a moment. */
export interface Sight {
  readonly clock: number;
  /** How many votes a decision takes. */
  readonly majority: number;
  readonly members: readonly {
    readonly name: string;
    readonly votes: boolean;
    readonly serves: boolean;
    readonly role: ModelHost["role"];
    readonly systemId: string | undefined;
    /** What it holds is of no use: it does not start from it, or cannot follow. */
    readonly isBroken: boolean;
    readonly isRunning: boolean;
    /** For good, as a removal stops it. */
    readonly isStopped: boolean;
    readonly isReachable: boolean;
  }[];
  /** Hosts that lead clients to it, and whether what they run takes them there. */
  readonly ways: readonly {
    readonly host: string;
    readonly pooler: boolean;
    readonly proxy: boolean;
    readonly paused: ModelHost["paused"];
    readonly former: ModelHost["former"];
    readonly drained: ModelHost["drained"];
    /** Whom its HAProxy sends readers to. */
    readonly reads: readonly string[];
  }[];
  /** What a person stopped and did not let go on, in words. */
  readonly held: readonly string[];
  /** How many files there are of pgha's and of others. */
  readonly files: number;
  /** Files that are not pgha's, with their hosts. */
  readonly foreign: readonly string[];
  /** Standbys that stop replaying, or will at the next change of their leader's, with what they have too little of. */
  readonly tooLow: readonly string[];
  /** The cluster that pgha recorded. */
  readonly recorded: string | undefined;
  /** Who led at any time since a removal began, the last of them last. */
  readonly led: readonly string[];
}

export function sightOf(model: ModelWorld, before?: Sight): Sight {
  const [cluster] = model.stack.clusters;
  if (cluster === undefined) throw new TypeError("a world without a cluster has nothing to lose");
  const members = cluster.spec.hosts.map(({ name }) => model.host(name));
  const leader = members.find((host) => serves(host) && host.role === "primary");
  const ways = [...model.stack.haproxyPools, ...model.stack.pgbouncerPools].flatMap(({ spec }) =>
    spec.hosts.map(({ name }) => name),
  );
  return {
    clock: model.clock,
    majority: majorityOf(model, cluster),
    members: members.map((host) => ({
      name: host.name,
      votes: host.active.has(PATRONI) && !host.isolated,
      serves: serves(host),
      role: host.role,
      systemId: host.dataDirectory === "valid" ? host.systemId : undefined,
      isBroken: host.broken || host.diverged,
      isRunning: host.active.has(PATRONI),
      isStopped: !host.active.has(PATRONI) && !host.enabled.has(PATRONI),
      isReachable: host.reachable,
    })),
    ways: [...new Set(ways)].map((name) => {
      const host = model.host(name);
      return {
        host: name,
        // Clients of one that pgha paused wait for a moment: that it ends is an invariant of its own.
        pooler: host.active.has(PGBOUNCER) && host.paused?.by !== "a person" && !host.isolated,
        proxy: host.active.has(HAPROXY) && !host.isolated,
        paused: host.paused,
        former: host.former,
        drained: host.drained,
        reads: readsFrom(model, host),
      };
    }),
    held: [
      ...[...model.hosts.values()].flatMap((host) => heldOn(host)),
      ...(isPaused(model.dynamicConfiguration) ? ["Patroni's pause"] : []),
    ],
    files: [...model.hosts.values()].reduce((sum, { files }) => sum + files.size, 0),
    foreign: [...model.hosts.values()].flatMap(({ name, files }) =>
      [...files].flatMap(([path, { content }]) => (content.startsWith("# Somebody's") ? [`${path} on ${name}`] : [])),
    ),
    tooLow:
      leader === undefined
        ? []
        : members.filter((host) => streamsFrom(model, cluster, leader, host)).flatMap((host) => lowOf(host, leader)),
    recorded: model.initialize ?? before?.recorded,
    led: [
      ...(before?.led ?? []).filter((name) => name !== leader?.name),
      ...(leader === undefined ? [] : [leader.name]),
    ],
  };
}

function heldOn({ name, paused, maintained, drainedByHand }: ModelHost): readonly string[] {
  return [
    ...(paused?.by === "a person" ? [`PgBouncer's pause on ${name}`] : []),
    ...[...maintained].map((server) => `${server} in maintenance on ${name}`),
    ...[...drainedByHand].map((server) => `${server} drained on ${name}`),
  ];
}

function lowOf(standby: ModelHost, leader: ModelHost): readonly string[] {
  return SHARED_SETTINGS.filter(
    (name) => Number(standby.parametersAtStart?.[name]) < Number(leader.parametersAtStart?.[name]),
  ).map((name) => `${standby.name} has less ${name} than ${leader.name}`);
}

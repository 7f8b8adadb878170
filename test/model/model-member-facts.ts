import { dataDirectoryOf } from "../../src/api/index.ts";
import type { PostgresHACluster } from "../../src/api/index.ts";
import type { ModelHost } from "./model-host.ts";
import { copyOf } from "./model-copy.ts";
import { modelHba } from "./model-hba.ts";
import { placeFacts } from "./model-move.ts";
import { isPaused, majorityOf, serves, streamsFrom } from "./model-patroni.ts";
import { modelSettings, parametersIn } from "./model-settings.ts";
import type { ModelWorld } from "./model-world.ts";
import { PATRONI } from "./model-units.ts";
import { volumeFact } from "./model-volume.ts";

/** What a member's host says of Patroni, RAFT and PostgreSQL. */
export function memberFacts(model: ModelWorld, cluster: PostgresHACluster, host: ModelHost): object {
  const isLeader = model.leader(cluster) === host;
  const runs = host.active.has(PATRONI);
  const isUp = isStarted(model, host);
  const known = model.byTheClock ? host.configuration : model.dynamicConfiguration;
  const { version } = cluster.spec.postgresql;
  return {
    ...placeFacts(host, cluster),
    installed: { absent: host.absent, charsets: host.charsets, locales: ["C", "C.utf8", "POSIX"] },
    artifact: host.artifacts.get("/opt/pgha/pysyncobj-0.3.17"),
    dataDirectory: {
      class: host.base.volume.isMounted ? host.dataDirectory : "absent",
      entries: [],
      ...(host.systemId === undefined || !host.base.volume.isMounted
        ? {}
        : { systemId: host.systemId, majorVersion: version }),
      ...(isUp ? { postmaster: host.postmaster, atLeast: host.atLeast } : {}),
      ...(isUp && host.upgrades.running.has("postgresql") ? { isReplaced: true } : {}),
      ...(isUp ? { taken: known } : {}),
      ...(host.base.volume.isMounted && host.dataDirectory === "valid"
        ? {
            copy: copyOf(host),
            timeline: host.timeline,
            ...placesOf(model, host),
          }
        : {}),
    },
    dcs: {
      traces: host.base.volume.isMounted ? host.journals : [],
      ...(runs && (isLeader || !streams(model, cluster, host)) ? { status: votes(model, cluster, host) } : {}),
      startDigest: runs
        ? /^PGHA_START=(.*)$/m.exec(host.startedWith.get(PATRONI)?.get("/etc/patroni/pgha-start.env") ?? "")?.[1]
        : undefined,
    },
    patroni: !runs
      ? { answers: false }
      : {
          answers: true,
          ...(host.isolated ? {} : { dynamicConfig: model.dynamicConfiguration }),
          member: {
            state: stateOf(model, host),
            role: isLeader || (host.role === "primary" && isUp) ? "primary" : "replica",
            pendingRestart: isUp && isPending(host, known, version),
            paused: isPaused(known),
            tags: host.patroniTags(),
            timeline: host.timeline,
            ...(isLeader ? { writtenBytes: host.position } : {}),
            ...(host.systemId === undefined ? {} : { systemId: host.systemId }),
          },
        },
    sql: !isUp
      ? undefined
      : {
          inRecovery: host.role !== "primary",
          serverVersion: 170_004,
          roles: model.roles,
          databases: model.databases,
          pendingRestartSettings: [],
          settings: modelSettings(host, parametersIn(known), version),
          written: [],
          hba: modelHba(host, dataDirectoryOf(cluster), version),
          replication:
            host.role === "primary"
              ? cluster.spec.hosts
                  .filter(({ name }) => streamsFrom(model, cluster, host, model.host(name)))
                  .map(({ name }) => ({ name, state: "streaming", lagBytes: 0 }))
              : [],
        },
    mount: volumeFact(host),
    path: dataDirectoryOf(cluster),
  };
}

/** One that diverged went on where its leader did not: on a timeline between two, which was left at once. */
function placesOf(model: ModelWorld, { role, diverged, timeline, position }: ModelHost) {
  const between = timeline - 0.5;
  if (role === "primary") return { history: [{ timeline: between, bytes: 0 }], end: { timeline, bytes: position } };
  if (diverged) return { end: { timeline: between, bytes: position + 1 } };
  return timeline === model.timeline ? { end: { timeline, bytes: position } } : {};
}

/** Whether Patroni has had the time to start it. */
function isStarted(model: ModelWorld, host: ModelHost): boolean {
  return serves(host) && (host.role !== undefined || !model.byTheClock);
}

function stateOf(model: ModelWorld, host: ModelHost): string {
  if (host.broken) return "start failed";
  if (host.restarting) return "restarting";
  return isStarted(model, host) ? "running" : "starting";
}

function streams(model: ModelWorld, cluster: PostgresHACluster, host: ModelHost): boolean {
  const leader = model.leader(cluster);
  return leader !== undefined && streamsFrom(model, cluster, leader, host);
}

function votes(model: ModelWorld, cluster: PostgresHACluster, own: ModelHost): object {
  const heard = model.heardBy(cluster, own).map(({ name }) => name);
  const others = [...model.voters].filter(([name]) => name !== own.name);
  return {
    hasQuorum: heard.length >= majorityOf(model, cluster),
    partners: others.map(([name, address]) => ({ address, connected: heard.includes(name) })),
  };
}

/** As Patroni says so: a value that takes a restart is another one than is asked for. */
function isPending(host: ModelHost, configuration: Readonly<Record<string, unknown>>, version: number): boolean {
  return modelSettings(host, parametersIn(configuration), version).some(({ pending }) => pending);
}

import { HAPROXY } from "../../desired/services.ts";
import type { Plan } from "../../plan/plan.ts";
import { HAPROXY_BACKENDS } from "../../render/haproxy-cfg.ts";
import { imageOf } from "../container.ts";
import { upgradesForStatus } from "../../plan/upgrades.ts";
import { conditionsOf } from "../../status/conditions.ts";
import { measuredHost } from "../../status/measured.ts";
import type { ResourceStatus } from "../../status/status.ts";
import { summaryStatus } from "../../status/summary.ts";
import type { DesiredHAProxy } from "./desire.ts";
import type { HAProxyLooks } from "./observe.ts";
import type { ClusterWord } from "../cluster-word.ts";
import { haproxyOf, isBehind, writeServersUp } from "./plan.ts";

/** The observed truth about an HAProxyPool. */
export function reportHAProxyPool(
  desired: DesiredHAProxy,
  looks: HAProxyLooks,
  plan: Plan,
  word?: ClusterWord,
): ResourceStatus {
  const { pool } = desired.resolved;
  const generation = pool.metadata.generation ?? 0;
  const unseen = [...looks.values()].flatMap((look) => (look.seen ? [] : [look]));
  const hosts = desired.hosts.map((host) => {
    const look = looks.get(host.name);
    if (look?.seen !== true)
      return {
        name: host.name,
        address: host.spec.address,
        state: look?.reason ?? "NotLooked",
        versions: {},
        ...(look === undefined ? {} : { message: look.message }),
      };
    const { haproxy, system } = look.facts;
    const up = writeServersUp(haproxy);
    const [writer] = up;
    const behind = isBehind(up, word);
    const readers = (haproxy?.servers ?? []).filter(
      (server) => server.backend === HAPROXY_BACKENDS.read && server.status.startsWith("UP"),
    ).length;
    return {
      name: host.name,
      address: host.spec.address,
      machineId: system.machineId,
      state: haproxy === undefined ? "NotRunning" : writer === undefined || behind ? "NoWriteServer" : "Serving",
      versions: haproxy === undefined ? {} : { haproxy: haproxy.version, ...imageOf(look.facts.units[HAPROXY.unit]) },
      ...upgradesForStatus(host.host, look.facts),
      ...(haproxy === undefined
        ? {}
        : {
            message:
              behind && writer !== undefined
                ? `it still shows ${writer} as up, and ${leaderInWords(word)}`
                : `writes go to ${writer ?? "nobody"}, reads to ${readers} replicas`,
          }),
    };
  });
  const serving = hosts.filter((host) => host.state === "Serving").length;
  const conditions = conditionsOf({
    generation,
    plan,
    unseen,
    hostCount: looks.size,
    domain: {},
    available:
      serving > 0
        ? { status: "True", reason: "Serving", message: `${serving} of ${hosts.length} hosts lead to the leader` }
        : desired.hosts.some((host) => writeServersUp(haproxyOf(looks, host.name)).length === 1)
          ? {
              status: "Unknown",
              reason: "NoWriteServer",
              message:
                `${leaderInWords(word)}, and HAProxy still shows ` +
                `${word?.leader === undefined ? "one" : "another"} as up`,
            }
          : {
              status: unseen.length === looks.size ? "Unknown" : "False",
              reason: "NotServing",
              message: "writes go to nobody: no host leads to a leader",
            },
  });
  const { ports, clientEndpoint } = pool.spec;
  return {
    ...summaryStatus(conditions, plan),
    observedGeneration: generation,
    conditions,
    hosts,
    measured: {
      hosts: [...looks.values()].flatMap((look) =>
        look.seen
          ? [
              measuredHost(
                look.host,
                look.facts.system,
                pool.spec.dataVolume === undefined ? undefined : look.facts.mount,
              ),
            ]
          : [],
      ),
      members: [],
    },
    endpoints: [
      ...(clientEndpoint === undefined
        ? desired.hosts.flatMap(({ spec: { address } }) => [
            { purpose: "write", address, port: ports.write },
            { purpose: "read", address, port: ports.read },
          ])
        : [
            { purpose: "write", address: clientEndpoint.host, port: clientEndpoint.port ?? ports.write },
            { purpose: "read", address: clientEndpoint.host, port: clientEndpoint.readPort ?? ports.read },
          ]),
      ...desired.hosts.map(({ spec: { address } }) => ({ purpose: "stats", address, port: ports.stats })),
    ],
  };
}

function leaderInWords(word: ClusterWord | undefined): string {
  return word?.leader === undefined ? "the cluster knows no leader" : `${word.leader} leads`;
}

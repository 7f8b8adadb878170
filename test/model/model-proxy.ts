import type { PostgresHACluster } from "../../src/api/index.ts";
import type { ServerState } from "../../src/facts/haproxy-state.ts";
import { HAPROXY_BACKENDS } from "../../src/render/haproxy-cfg.ts";
import type { ModelHost } from "./model-host.ts";
import { serves } from "./model-patroni.ts";
import type { ModelWorld } from "./model-world.ts";
import { HAPROXY } from "./model-units.ts";
import type { Check } from "./model-units.ts";

/** As the configuration has it: rise 2, fall 2. A server that was never checked is taken for up until its first check. */
const IN_A_ROW = 2;

/** A round of checks of every running HAProxy: whether who is asked says that it leads. */
export function checkServers(model: ModelWorld, { spec }: PostgresHACluster): void {
  for (const host of model.hosts.values()) {
    if (!host.active.has(HAPROXY)) continue;
    host.checks = new Map(
      spec.hosts.map(({ name }) => [name, checked(host.checks.get(name), says(model.host(name), host))] as const),
    );
  }
}

function checked(before: Check | undefined, leads: boolean): Check {
  if (before === undefined) return { up: leads, against: 0 };
  if (before.up === leads) return { up: leads, against: 0 };
  const against = before.against + 1;
  return against >= IN_A_ROW ? { up: leads, against: 0 } : { up: before.up, against };
}

function says(member: ModelHost, proxy: ModelHost): boolean {
  return serves(member) && member.role === "primary" && !member.isolated && !proxy.isolated;
}

/** Members that this HAProxy sends writes to. */
export function writesTo(model: ModelWorld, host: ModelHost): readonly string[] {
  const [cluster] = model.stack.clusters;
  if (cluster === undefined || !host.active.has(HAPROXY)) return [];
  const names = cluster.spec.hosts.map(({ name }) => name).filter((name) => !host.maintained.has(name));
  if (!model.byTheClock) return names.filter((name) => model.leader(cluster)?.name === name);
  return names.filter((name) => host.checks.get(name)?.up ?? true);
}

/** Members that this HAProxy sends readers to, should their checks see how they are. */
export function readsFrom(model: ModelWorld, host: ModelHost): readonly string[] {
  const [cluster] = model.stack.clusters;
  if (cluster === undefined || !host.active.has(HAPROXY) || host.isolated) return [];
  return cluster.spec.hosts
    .map(({ name }) => name)
    .filter((name) => ![...host.maintained, ...host.drainedByHand, host.drained?.member].includes(name))
    .filter((name) => serves(model.host(name)) && model.host(name).role === "replica");
}

export function proxyFacts(model: ModelWorld, host: ModelHost): object {
  const loaded = (pattern: RegExp): string | undefined =>
    host.loadedMatch(HAPROXY, "/etc/pgha/haproxy/haproxy.cfg", pattern);
  const description = loaded(/description (\S+)/);
  const [cluster] = model.stack.clusters;
  if (description === undefined || cluster === undefined) return { haproxy: undefined };
  const up = writesTo(model, host);
  const backends = [HAPROXY_BACKENDS.write, HAPROXY_BACKENDS.read];
  return {
    haproxy: {
      version: "3.0",
      ...(host.drained === undefined ? {} : { drained: host.drained.member }),
      description,
      maxConnections: Number(loaded(/^frontend write[^]*?maxconn ([0-9]+)/m)),
      servers: cluster.spec.hosts.flatMap(({ name }) =>
        backends.map((backend) => {
          const isUp = backend === HAPROXY_BACKENDS.write ? up.includes(name) : !up.includes(name);
          return {
            backend,
            server: name,
            status: host.maintained.has(name) ? "MAINT" : isUp ? "UP" : "DOWN",
            checkStatus: isUp ? "L7OK" : "L7STS",
            checkDescription: "",
          };
        }),
      ),
      states: cluster.spec.hosts.flatMap(({ name, address }) =>
        backends.map((backend): ServerState => ({
          backend,
          server: name,
          maintenance: host.maintained.has(name),
          drain: backend === HAPROXY_BACKENDS.read && (host.drainedByHand.has(name) || host.drained?.member === name),
          checked: true,
          weightChanged: false,
          address,
          port: cluster.spec.postgresql.port,
        })),
      ),
    },
  };
}

import type { PoolHost } from "../../api/index.ts";
import type { DesiredHost } from "../../desired/host.ts";
import { renderHAProxyCfg } from "../../render/haproxy-cfg.ts";
import { fileLimitOf, haproxyUnit, UNIT_PATHS } from "../../render/units.ts";
import { DISTRIBUTION_UNIT, HAPROXY_CONFIG, HAPROXY_UNIT } from "./layout.ts";
import type { ResolvedHAProxy } from "./resolve.ts";

export interface DesiredProxy {
  readonly name: string;
  readonly spec: PoolHost;
  readonly host: DesiredHost;
  /** Where it listens. */
  readonly listens: readonly { readonly address: string; readonly port: number }[];
  readonly maxConnections: number;
  /** What `show info` gives as description once the desired configuration is loaded. */
  readonly description: string;
}

export interface DesiredHAProxy {
  readonly resolved: ResolvedHAProxy;
  readonly hosts: readonly DesiredProxy[];
}

/** What the pool's hosts should look like. Pure. */
export function desireHAProxyPool(resolved: ResolvedHAProxy): DesiredHAProxy {
  return { resolved, hosts: resolved.pool.spec.hosts.map((host) => desireProxy(resolved, host)) };
}

function desireProxy({ pool, cluster, members, proxies }: ResolvedHAProxy, host: PoolHost): DesiredProxy {
  const { postgresql, patroni } = cluster.spec;
  const { ports, checks, timeouts, maxConnections, bindAddresses, statsNetworks } = pool.spec;
  // Loopback always: a pooler on the same host comes from there (F44).
  const addresses = [...(bindAddresses ?? [host.address]), "127.0.0.1"];
  const unit = haproxyUnit({ maxConnections });
  const rendered = renderHAProxyCfg({
    members,
    postgresqlPort: postgresql.port,
    restApiPort: patroni.restApi.port,
    bindAddresses: addresses,
    ports,
    checks,
    timeouts,
    maxConnections,
    statsNetworks: [
      ...new Set([...statsNetworks, ...[...members, ...proxies].flatMap(({ address }) => asNetwork(address))]),
    ],
  });
  return {
    name: host.name,
    spec: host,
    listens: Object.values(ports).flatMap((port) => addresses.map((address) => ({ address, port }))),
    maxConnections,
    description: rendered.description,
    host: {
      host: host.name,
      packages: { names: ["haproxy"], services: { haproxy: [DISTRIBUTION_UNIT] }, source: "distribution" },
      artifacts: [],
      directories: [{ path: "/etc/pgha/haproxy", owner: "root", group: "root", mode: 0o755 }],
      files: [
        {
          path: HAPROXY_CONFIG,
          content: rendered.content,
          owner: "root",
          group: "haproxy",
          mode: 0o640,
          secret: false,
          validate: "haproxy",
        },
        {
          path: UNIT_PATHS.haproxy,
          content: unit.content,
          owner: "root",
          group: "root",
          mode: 0o644,
          secret: false,
        },
      ],
      units: [
        {
          name: HAPROXY_UNIT,
          state: "running",
          title: "HAProxy",
          service: {
            file: UNIT_PATHS.haproxy,
            startedMark: unit.startedMark,
            program: "/usr/sbin/haproxy",
            environment: [],
            fileLimit: fileLimitOf(maxConnections),
            clients: { field: "spec.maxConnections", most: maxConnections },
          },
        },
      ],
    },
  };
}

/** A literal address as a network of one; a name cannot stand in an access list. */
function asNetwork(address: string): readonly string[] {
  if (address.includes(":")) return [`${address}/128`];
  return /^[0-9.]+$/.test(address) ? [`${address}/32`] : [];
}

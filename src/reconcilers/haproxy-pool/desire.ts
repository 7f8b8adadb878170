import { HAPROXY } from "../../desired/services.ts";
import type { PoolHost } from "../../api/index.ts";
import type { DesiredHost, DesiredService } from "../../desired/host.ts";
import { renderHAProxyCfg } from "../../render/haproxy-cfg.ts";
import { fileLimitOf, haproxyUnit } from "../../render/units.ts";
import type { ResolvedHAProxy } from "./resolve.ts";

export interface DesiredProxy {
  readonly name: string;
  readonly spec: PoolHost;
  readonly host: DesiredHost;
  /** Where it listens. */
  readonly listens: readonly { readonly address: string; readonly port: number }[];
  readonly maxConnections: number;
  /** Its HAProxy. What it has loaded, `show info` gives as description. */
  readonly service: DesiredService;
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
  const service: DesiredService = {
    of: HAPROXY,
    loadedMark: rendered.description,
    startedMark: unit.startedMark,
    environment: [],
    fileLimit: fileLimitOf(maxConnections),
    clients: { field: "spec.maxConnections", most: maxConnections },
  };
  return {
    name: host.name,
    spec: host,
    listens: Object.values(ports).flatMap((port) => addresses.map((address) => ({ address, port }))),
    maxConnections,
    service,
    host: {
      host: host.name,
      packages: {
        names: [HAPROXY.package],
        services: { [HAPROXY.package]: [HAPROXY.packagedUnit] },
        source: "distribution",
      },
      artifacts: [],
      directories: [{ path: HAPROXY.folder, owner: "root", group: "root", mode: 0o755 }],
      files: [
        {
          path: HAPROXY.config,
          content: rendered.content,
          owner: "root",
          group: "haproxy",
          mode: 0o640,
          secret: false,
          validate: "haproxy",
        },
        {
          path: HAPROXY.unitFile,
          content: unit.content,
          owner: "root",
          group: "root",
          mode: 0o644,
          secret: false,
        },
      ],
      services: [service],
      masked: [],
    },
  };
}

/** A literal address as a network of one; a name cannot stand in an access list. */
function asNetwork(address: string): readonly string[] {
  if (address.includes(":")) return [`${address}/128`];
  return /^[0-9.]+$/.test(address) ? [`${address}/32`] : [];
}

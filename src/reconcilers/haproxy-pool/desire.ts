import { HAPROXY } from "../../desired/services.ts";
import { downIntervalMsOf } from "../../api/index.ts";
import type { PoolHost } from "../../api/index.ts";
import type { DesiredHost, DesiredService } from "../../desired/host.ts";
import { keepLast } from "../../keep-last.ts";
import { renderHAProxyCfg } from "../../render/haproxy-cfg.ts";
import { sha256 } from "../../render/digest.ts";
import { haproxyContainerUnit } from "../../render/container-units.ts";
import { fileLimitOf, haproxyUnit } from "../../render/units.ts";
import { keyOf } from "../container.ts";
import type { Ground } from "../container.ts";
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
  /** The same on another ground than the host itself. */
  readonly on: (ground: Ground) => DesiredProxy;
}

export interface DesiredHAProxy {
  readonly resolved: ResolvedHAProxy;
  readonly hosts: readonly DesiredProxy[];
}

/** What the pool's hosts should look like. Pure. */
export function desireHAProxyPool(resolved: ResolvedHAProxy): DesiredHAProxy {
  return { resolved, hosts: resolved.pool.spec.hosts.map((host) => desireProxy(resolved, host)) };
}

function desireProxy(resolved: ResolvedHAProxy, host: PoolHost, ground: Ground = "host"): DesiredProxy {
  const { pool, cluster, members, proxies } = resolved;
  const { postgresql, patroni } = cluster.spec;
  const { ports, checks, timeouts, maxConnections, bindAddresses, statsNetworks } = pool.spec;
  // Loopback always: a pooler on the same host comes from there (F44).
  const addresses = [...(bindAddresses ?? [host.address]), "127.0.0.1"];
  const keep = keepLast<DesiredProxy>();
  const container = ground === "host" ? {} : { container: ground };
  const unit = ground === "host" ? haproxyUnit({ maxConnections }) : haproxyContainerUnit(ground, maxConnections);
  const rendered = renderHAProxyCfg({
    members,
    postgresqlPort: postgresql.port,
    restApiPort: patroni.restApi.port,
    bindAddresses: addresses,
    ports,
    checks: { ...checks, downIntervalMs: downIntervalMsOf(pool, cluster) },
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
    startedFrom: { [HAPROXY.unitFile]: sha256(unit.content) },
    ...(ground === "host" ? {} : { image: ground.image }),
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
    on: (other) => keep(keyOf(other), () => desireProxy(resolved, host, other)),
    host: {
      host: host.name,
      packages: {
        names: ground === "host" ? [HAPROXY.package] : [],
        versions: pool.spec.packages.versions ?? {},
        services: { [HAPROXY.package]: [HAPROXY.packagedUnit] },
        source: "distribution",
      },
      upgrades: {
        names: ground === "host" ? [HAPROXY.package] : [],
        isAutomatic: pool.spec.packages.upgrade === "Automatic",
      },
      artifacts: [],
      directories: [{ path: HAPROXY.folder, owner: "root", group: "root", mode: 0o755 }],
      files: [
        {
          path: HAPROXY.config,
          content: rendered.content,
          owner: "root",
          group: ground === "host" ? "haproxy" : String(ground.inside.gid),
          mode: 0o640,
          secret: false,
          validate: "haproxy",
          ...container,
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

import { canonicalAddress, dcsPortsOf, sshOf } from "../../api/index.ts";
import type { OpenPort } from "../../render/nftables.ts";
import type { CoveredHost, ResolvedBaseline } from "./resolve.ts";

/**
 * What a host is to let in, from what the stack declares: who serves what there, and whom. `poolerPorts`: where a
 * pooler of it listens now, which are others until it was given a new port, and while the one before serves on.
 */
export function openPortsOn(
  resolved: ResolvedBaseline,
  covered: CoveredHost,
  poolerPorts: readonly number[] = [],
): readonly OpenPort[] {
  const { baseline, cluster, proxies, poolers } = resolved;
  const { adminNetworks = [], rules = [] } = baseline.spec.firewall ?? {};
  const here = canonicalAddress(covered.host.address);
  const isHere = ({ address }: { readonly address: string }): boolean => canonicalAddress(address) === here;
  const { postgresql, patroni } = cluster.spec;
  const { clientNetworks } = postgresql;
  const members = resolved.members.map(({ address }) => address);
  const stack = [...members, ...resolved.ways.map(({ address }) => address)];
  const tcp = (title: string, port: number, from: readonly string[]): OpenPort => ({
    title,
    protocol: "tcp",
    port,
    from,
  });
  return [
    ...(adminNetworks.length === 0
      ? []
      : [tcp("SSH", sshOf(covered.of.spec, covered.host).port, [...adminNetworks, ...bastionsOf(covered)])]),
    ...(covered.isMember
      ? [
          tcp("PostgreSQL", postgresql.port, [...stack, ...clientNetworks]),
          tcp("Patroni's REST API", patroni.restApi.port, stack),
          ...dcsPortsOf(cluster).map(([, port]) => tcp("the DCS", port, members)),
        ]
      : []),
    ...proxies
      .filter(({ spec }) => spec.hosts.some(isHere))
      .flatMap(({ spec: { ports, statsNetworks } }) => [
        tcp("HAProxy, write", ports.write, [...stack, ...clientNetworks]),
        tcp("HAProxy, read", ports.read, [...stack, ...clientNetworks]),
        tcp("HAProxy, stats", ports.stats, [...stack, ...statsNetworks]),
      ]),
    ...poolers
      .filter(({ spec }) => spec.hosts.some(isHere))
      .flatMap(({ spec }) =>
        [...new Set([spec.port, ...poolerPorts])].map((port) =>
          tcp(port === spec.port ? "PgBouncer" : "PgBouncer until it has moved", port, [...stack, ...clientNetworks]),
        ),
      ),
    ...rules.flatMap(({ title, ports, protocol, from }) =>
      ports.map((port): OpenPort => ({
        title: title ?? "spec.firewall.rules",
        protocol: protocol ?? "tcp",
        port,
        from,
      })),
    ),
  ];
}

/** Who comes in by right, whatever else somebody does from there: the stack itself, bastions, and administrators. */
export function trustedBy(resolved: ResolvedBaseline, covered: CoveredHost): readonly string[] {
  const stack = [...resolved.members, ...resolved.ways].map(({ address }) => address);
  return [...new Set([...stack, ...bastionsOf(covered), ...(resolved.baseline.spec.firewall?.adminNetworks ?? [])])];
}

/** Through a bastion, it is the bastion that comes in. */
function bastionsOf({ host, of }: CoveredHost): readonly string[] {
  const address = sshOf(of.spec, host).bastion?.address;
  return address === undefined ? [] : [address];
}

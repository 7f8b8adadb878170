import { canonicalAddress } from "../addresses.ts";
import { dcsPortsOf, sshOf } from "../derived.ts";
import type { ServiceResource } from "../kinds.ts";
import { shownName } from "../shown.ts";
import { labelOf, problem, type Finding } from "./finding.ts";

/** One owner for each port of a host, across all resources and sshd (F43). */
export function* portRules(resources: readonly ServiceResource[]): Iterable<Finding> {
  const owners = new Map<string, Owner>();
  const told = new Set<string>();
  for (const resource of resources) {
    for (const host of resource.spec.hosts) {
      const address = canonicalAddress(host.address);
      const sshd = sshOf(resource.spec, host).port;
      const claimOf = (port: number) => `${address} ${port}`;
      if (!owners.has(claimOf(sshd))) owners.set(claimOf(sshd), { resource, path: "spec.ssh.port", name: "sshd" });
      for (const [path, port] of portsOf(resource)) {
        const owner = owners.get(claimOf(port)) ?? { resource, path, name: path };
        owners.set(claimOf(port), owner);
        const pair = [labelOf(resource), path, labelOf(owner.resource), owner.path].join(" ");
        if (told.has(pair) || !isConflict(owner, resource, path)) continue;
        // Once for each pair of fields, not for each host.
        told.add(pair);
        yield problem(
          resource,
          path,
          `port ${port} on ${shownName(host.name)} is already taken by ${nameOf(owner, resource)}`,
          "give one of the two another port, or another host",
        );
      }
    }
  }
}

/** Leaves out what other rules say better: the same service twice on a host, and HAProxy's own three ports. */
function isConflict(owner: Owner, resource: ServiceResource, path: string): boolean {
  if (owner.name === "sshd") return true;
  if (owner.resource !== resource) return owner.resource.kind !== resource.kind;
  return owner.path !== path && resource.kind !== "HAProxyPool";
}

function nameOf(owner: Owner, resource: ServiceResource): string {
  return owner.name === "sshd" || owner.resource === resource ? owner.name : `${labelOf(owner.resource)} ${owner.path}`;
}

interface Owner {
  readonly resource: ServiceResource;
  readonly path: string;
  readonly name: string;
}

function portsOf(resource: ServiceResource): readonly (readonly [path: string, port: number])[] {
  switch (resource.kind) {
    case "PostgresHACluster": {
      const { postgresql, patroni } = resource.spec;
      return [
        ["spec.postgresql.port", postgresql.port],
        ["spec.patroni.restApi.port", patroni.restApi.port],
        ...dcsPortsOf(resource),
      ];
    }
    case "HAProxyPool": {
      const { ports } = resource.spec;
      return [
        ["spec.ports.write", ports.write],
        ["spec.ports.read", ports.read],
        ["spec.ports.stats", ports.stats],
      ];
    }
    case "PgBouncerPool":
      return [["spec.port", resource.spec.port]];
  }
}

import { addressFault, cidrFault, isLoopback } from "../addresses.ts";
import type { ServiceResource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { problem, warning, type Finding } from "./finding.ts";

/** Addresses and networks that look right and are not. */
export function* networkRules(resources: readonly ServiceResource[]): Iterable<Finding> {
  for (const resource of resources) {
    for (const { path, address } of addressesOf(resource)) {
      const fault = addressFault(address);
      if (fault !== undefined)
        yield problem(
          resource,
          path,
          `${shown(address)} ${fault}`,
          "write the IPv4 or IPv6 address or the DNS name of the host",
        );
    }
    for (const [index, { address }] of resource.spec.hosts.entries()) {
      if (isLoopback(address)) {
        yield warning(
          resource,
          `spec.hosts[${index}].address`,
          `${shown(address)} is reached by the host itself alone`,
          "write an address that the other hosts can reach",
        );
      }
    }
    if (resource.kind !== "PostgresHACluster" && isLoopback(resource.spec.clientEndpoint?.host ?? "")) {
      yield problem(
        resource,
        "spec.clientEndpoint.host",
        `${shown(resource.spec.clientEndpoint?.host ?? "")} leads every client to itself`,
        "write the name or the address that clients reach the pool by, or leave clientEndpoint out",
      );
    }
    for (const { path, cidr } of cidrsOf(resource)) {
      const fault = cidrFault(cidr);
      if (fault !== undefined)
        yield problem(
          resource,
          path,
          `${shown(cidr)} ${fault}`,
          "write a network such as 10.0.0.0/16, or one host such as 10.0.0.7/32",
        );
      else if (cidr.endsWith("/0"))
        yield warning(resource, path, `${cidr} is every address there is`, "name the networks that need it");
    }
  }
}

function* addressesOf({ kind, spec }: ServiceResource): Iterable<{ readonly path: string; readonly address: string }> {
  if (spec.ssh.bastion !== undefined) yield { path: "spec.ssh.bastion.address", address: spec.ssh.bastion.address };
  for (const [index, host] of spec.hosts.entries()) {
    yield { path: `spec.hosts[${index}].address`, address: host.address };
    if (host.ssh?.bastion !== undefined)
      yield { path: `spec.hosts[${index}].ssh.bastion.address`, address: host.ssh.bastion.address };
  }
  if (kind !== "PostgresHACluster" && spec.clientEndpoint !== undefined)
    yield { path: "spec.clientEndpoint.host", address: spec.clientEndpoint.host };
  if (kind !== "HAProxyPool") return;
  for (const [index, address] of (spec.bindAddresses ?? []).entries()) {
    // 0.0.0.0 and :: are wide, and right for a bind.
    if (address !== "0.0.0.0" && address !== "::") yield { path: `spec.bindAddresses[${index}]`, address };
  }
}

function* cidrsOf({ kind, spec }: ServiceResource): Iterable<{ readonly path: string; readonly cidr: string }> {
  switch (kind) {
    case "PostgresHACluster":
      for (const [index, cidr] of spec.postgresql.clientNetworks.entries())
        yield { path: `spec.postgresql.clientNetworks[${index}]`, cidr };
      return;
    case "HAProxyPool":
      for (const [index, cidr] of spec.statsNetworks.entries()) yield { path: `spec.statsNetworks[${index}]`, cidr };
      return;
    case "PgBouncerPool":
      return;
  }
}

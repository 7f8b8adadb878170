import { isIP } from "node:net";
import { cidrFault } from "../addresses.ts";
import type { HostBaseline, Resource } from "../kinds.ts";
import { isService, placesOf } from "../places.ts";
import { shown, shownName } from "../shown.ts";
import { labelOf, problem, warning, type Finding } from "./finding.ts";

/** What goes into rules of a firewall: networks that are networks, and hosts by address. */
export function* firewallRules(baseline: HostBaseline, resources: readonly Resource[]): Iterable<Finding> {
  const { clusterRef, firewall } = baseline.spec;
  for (const { path, cidr } of networksOf(baseline.spec)) {
    const fault = cidrFault(cidr);
    if (fault !== undefined)
      yield problem(baseline, path, `${shown(cidr)} ${fault}`, "write a network such as 10.0.0.0/16, or 10.0.0.7/32");
    else if (cidr.endsWith("/0"))
      yield warning(baseline, path, `${cidr} is every address there is`, "name the networks that need it");
  }
  if (firewall === undefined) return;
  const ofStack = resources
    .filter(isService)
    .filter(({ kind, metadata, spec }) =>
      kind === "PostgresHACluster" ? metadata.name === clusterRef.name : spec.clusterRef.name === clusterRef.name,
    );
  for (const { host, of } of ofStack.flatMap(placesOf)) {
    if (isIP(host.address) !== 0) continue;
    yield problem(
      baseline,
      "spec.firewall",
      `${shownName(host.name)} of ${labelOf(of)} is listed as ${shown(host.address)}, and a firewall knows no names`,
      "list the hosts of the stack by their IPv4 or IPv6 addresses, or leave firewall out",
    );
    return;
  }
}

function* networksOf({
  firewall: { adminNetworks = [], rules = [] } = {},
}: HostBaseline["spec"]): Iterable<{ readonly path: string; readonly cidr: string }> {
  for (const [index, cidr] of adminNetworks.entries()) yield { path: `spec.firewall.adminNetworks[${index}]`, cidr };
  for (const [number, { from }] of rules.entries())
    for (const [index, cidr] of from.entries()) yield { path: `spec.firewall.rules[${number}].from[${index}]`, cidr };
}

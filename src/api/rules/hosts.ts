import { canonicalAddress } from "../addresses.ts";
import { sshOf } from "../derived.ts";
import type { MemberHost, PoolHost, ServiceResource } from "../kinds.ts";
import { shown, shownName } from "../shown.ts";
import { labelOf, problem, type Finding } from "./finding.ts";

/** One name, one address, one way to log in: in a resource and across all of them. */
export function* hostRules(resources: readonly ServiceResource[]): Iterable<Finding> {
  const placed = resources.flatMap((resource) =>
    resource.spec.hosts.map((host, index) => ({ resource, host, path: `spec.hosts[${index}]` })),
  );
  yield* addressesWithTwoNames(placed);
  yield* namesWithTwoAddresses(placed);
  yield* differentLogins(placed);
  yield* servicesSharingAHost(placed);
  yield* preferredLeaders(resources);
  for (const resource of resources) {
    if (
      resource.kind === "PostgresHACluster" &&
      resource.spec.hosts.length > 0 &&
      resource.spec.hosts.every((host) => host.failoverPriority === 0)
    ) {
      yield problem(
        resource,
        "spec.hosts",
        "no host has a failoverPriority above 0, so none could ever lead",
        "leave failoverPriority out on the hosts that may lead",
      );
    }
  }
}

/** One that is not there, or never leads, cannot be preferred. */
function* preferredLeaders(resources: readonly ServiceResource[]): Iterable<Finding> {
  for (const resource of resources) {
    if (resource.kind !== "PostgresHACluster") continue;
    const { hosts, patroni } = resource.spec;
    const name = patroni.preferredLeader;
    const host = hosts.find((one) => one.name === name);
    if (name === undefined || (host !== undefined && host.failoverPriority > 0)) continue;
    yield problem(
      resource,
      "spec.patroni.preferredLeader",
      host === undefined
        ? `${shown(name)} is not the name of a host in spec.hosts`
        : `${shown(name)} never leads: its failoverPriority is 0`,
      `name one of ${hosts.flatMap((one) => (one.failoverPriority > 0 ? [one.name] : [])).join(", ")}, or leave it out`,
    );
  }
}

interface Placed {
  readonly resource: ServiceResource;
  readonly host: PoolHost | MemberHost;
  readonly path: string;
}

function* addressesWithTwoNames(placed: readonly Placed[]): Iterable<Finding> {
  for (const [first, other] of pairs(placed, ({ host }) => canonicalAddress(host.address))) {
    const sameResource = first.resource === other.resource;
    // A doubled name is reported as such.
    if (first.host.name === other.host.name) continue;
    yield problem(
      other.resource,
      `${other.path}.address`,
      `${shown(other.host.address)} is also the address of ` +
        `${shownName(first.host.name)}${sameResource ? "" : ` in ${labelOf(first.resource)}`}`,
      sameResource ? "give each host its own address" : "use one name for one machine in all resources",
    );
  }
}

function* namesWithTwoAddresses(placed: readonly Placed[]): Iterable<Finding> {
  for (const [first, other] of pairs(placed, ({ host }) => host.name)) {
    if (
      first.resource === other.resource ||
      canonicalAddress(first.host.address) === canonicalAddress(other.host.address)
    )
      continue;
    yield problem(
      other.resource,
      `${other.path}.address`,
      `${shownName(other.host.name)} is at ${shown(first.host.address)} in ${labelOf(first.resource)} and ` +
        `at ${shown(other.host.address)} here`,
      "use one name for one machine in all resources",
    );
  }
}

function* differentLogins(placed: readonly Placed[]): Iterable<Finding> {
  for (const [first, other] of pairs(placed, ({ host }) => canonicalAddress(host.address))) {
    if (first.resource === other.resource) continue;
    const differing = differences(first, other);
    if (differing === undefined) continue;
    yield problem(
      other.resource,
      differing === "hostKey" ? `${other.path}.hostKey` : `${other.path}.ssh`,
      `${shownName(other.host.name)} has another ${differing} in ${labelOf(first.resource)}`,
      `describe one machine the same way everywhere: make ${differing} equal in both`,
    );
  }
}

/** The first SSH setting in which two descriptions of one machine differ. */
function differences(first: Placed, other: Placed): string | undefined {
  const a = sshOf(first.resource.spec, first.host);
  const b = sshOf(other.resource.spec, other.host);
  for (const setting of ["user", "port", "become"] as const) {
    if (a[setting] !== b[setting]) return setting;
  }
  if (JSON.stringify(a.bastion) !== JSON.stringify(b.bastion)) return "bastion";
  const keyOf = ({ host }: Placed) => host.hostKey?.split(" ").slice(0, 2).join(" ");
  // A key in one and none in the other agree: knownHosts may have it there.
  return keyOf(first) !== undefined && keyOf(other) !== undefined && keyOf(first) !== keyOf(other)
    ? "hostKey"
    : undefined;
}

/** The files of a service have fixed names, so one host carries one resource of each kind. */
function* servicesSharingAHost(placed: readonly Placed[]): Iterable<Finding> {
  for (const [first, other] of pairs(
    placed,
    ({ host, resource }) => `${resource.kind} ${canonicalAddress(host.address)}`,
  )) {
    if (first.resource === other.resource) continue;
    yield problem(
      other.resource,
      other.path,
      `${shownName(other.host.name)} already belongs to ${labelOf(first.resource)}, and a host can carry ` +
        `one ${other.resource.kind} only`,
      "take it out of one of the two",
    );
  }
}

/** Each item with the first earlier one that has the same key. */
function* pairs<Item>(items: readonly Item[], keyOf: (item: Item) => string): Iterable<readonly [Item, Item]> {
  const first = new Map<string, Item>();
  for (const item of items) {
    const key = keyOf(item);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, item);
    else yield [earlier, item];
  }
}

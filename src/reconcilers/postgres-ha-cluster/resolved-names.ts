import { isIP } from "node:net";
import { keepLast } from "../../keep-last.ts";
import { isLoopback } from "../../plan/name-resolution.ts";
import type { RecordedFacts } from "../../state/index.ts";
import { namesInHba } from "./asked-names.ts";
import { desireCluster } from "./desire.ts";
import type { DesiredCluster } from "./desire.ts";
import { groundsOf } from "./ground.ts";
import type { ClusterLooks } from "./observe.ts";
import type { ResolvedNames } from "./patroni-file.ts";
import type { ResolvedCluster } from "./resolve.ts";

/**
 * The same cluster, with what these looks found: of containers what is in their image; and in pg_hba.conf the addresses
 * behind the names of hosts, since PostgreSQL would look a name up at each connection, both ways, and let nobody in
 * while that fails.
 */
export function withResolvedNames(desired: DesiredCluster): (looks: ClusterLooks) => DesiredCluster {
  const names = namesInHba(desired.resolved);
  const last = keepLast<DesiredCluster>();
  return (looks) => {
    const grounds = groundsOf(desired.resolved, looks);
    if (names.length === 0 && [...grounds.values()].every(({ on, to }) => on === "host" && to === undefined))
      return desired;
    const found = resolvedNames(desired.resolved, looks);
    return last([JSON.stringify([...found]), JSON.stringify([...grounds])], () =>
      desireCluster(desired.resolved, found, grounds),
    );
  };
}

/**
 * What members say of each other's names, and of the pools'. An address is taken on when one member says it, and
 * dropped only when every member says others: whoever can't be asked, or doesn't know the name just now, drops nothing.
 * What a host says of its own name counts last, since that may be any address it has. A name of which nothing is known
 * is left out.
 */
export function resolvedNames(resolved: ResolvedCluster, looks: ClusterLooks): ResolvedNames {
  const before = new Map(Object.entries(resolved.recorded.names ?? {}));
  const { hosts } = resolved.cluster.spec;
  return new Map(
    namesInHba(resolved).flatMap((name) => {
      const said = (isOwn: boolean): readonly (readonly string[])[] =>
        hosts.filter(({ address }) => (address === name) === isOwn).map((host) => saidBy(looks, host.name, name));
      const found = addressesOf(said(false), said(true), before.get(name) ?? []);
      return found.length === 0 ? [] : [[name, found] as const];
    }),
  );
}

/** What is recorded of them, in an order that does not change by itself. */
export function recordNames(names: ResolvedNames): Pick<RecordedFacts, "names"> {
  const sorted = [...names].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return sorted.length === 0 ? {} : { names: Object.fromEntries(sorted) };
}

function addressesOf(
  others: readonly (readonly string[])[],
  own: readonly (readonly string[])[],
  before: readonly string[],
): readonly string[] {
  const voices = others.length === 0 ? own : others;
  const isAgreed = voices.every((addresses) => addresses.length > 0);
  const known = sorted([...voices.flat(), ...(isAgreed ? [] : before)]);
  return known.length > 0 ? known : sorted(own.flat());
}

function saidBy(looks: ClusterLooks, host: string, name: string): readonly string[] {
  const look = looks.get(host);
  const facts = look?.seen === true ? look.facts.names : [];
  return facts.find((fact) => fact.name === name)?.addresses.filter(isReachable) ?? [];
}

/** Addresses that only the host itself can reach, or that mean something on one link only, let nobody in. */
function isReachable(address: string): boolean {
  return isIP(address) !== 0 && !isLoopback(address) && !/^fe[89ab]|%/i.test(address);
}

function sorted(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses)].toSorted();
}

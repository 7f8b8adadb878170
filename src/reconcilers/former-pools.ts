import { HAPROXY, PGBOUNCER } from "../desired/services.ts";
import { canonicalAddress } from "../api/index.ts";
import type { FactSet, Look } from "../facts/fact.ts";
import { reachFact } from "../facts/reach.ts";
import type { ReachFact } from "../facts/types.ts";
import type { Blocker } from "../plan/plan.ts";
import type { RecordedFacts } from "../state/index.ts";
import { list } from "../text/words.ts";
import { nameOf } from "./stack.ts";
import type { Stack } from "./stack.ts";

/** A pool that was set up by command line and is in none of the manifests that were given. */
export interface FormerPool {
  /** `Kind/name`. */
  readonly name: string;
  /** Name of the cluster that it serves. */
  readonly cluster: string;
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Where clients connect; empty in records from before these were kept. */
  readonly ports: readonly number[];
}

const UNITS: Readonly<Record<string, string>> = { HAProxyPool: HAPROXY.unit, PgBouncerPool: PGBOUNCER.unit };

/**
 * Those of the records that served a cluster of this stack, as it was recorded of them. What else is recorded beside
 * them may be another stack's and is left alone. A host that another pool of the kind has by now is that pool's.
 */
export function formerPools(stack: Stack, records: ReadonlyMap<string, RecordedFacts>): readonly FormerPool[] {
  const pools = [...stack.haproxyPools, ...stack.pgbouncerPools];
  const declared = new Set(pools.map(nameOf));
  const clusters = new Set(stack.clusters.map(({ metadata }) => metadata.name));
  return [...records].flatMap(([name, { applied, hosts, ports = [] }]): readonly FormerPool[] => {
    const [kind = ""] = name.split("/");
    const cluster = clusterIn(applied);
    if (UNITS[kind] === undefined || declared.has(name) || cluster === undefined || !clusters.has(cluster)) return [];
    const taken = new Set(
      pools.filter((pool) => pool.kind === kind).flatMap(({ spec }) => spec.hosts.map(({ address }) => key(address))),
    );
    const own = Object.entries(hosts).flatMap(([host, { address, machineId }]) =>
      address === undefined || machineId === undefined || taken.has(key(address)) ? [] : [{ name: host, address }],
    );
    return own.length === 0 ? [] : [{ name, cluster, hosts: own, ports }];
  });
}

const key = canonicalAddress;

function clusterIn(applied: RecordedFacts["applied"]): string | undefined {
  const reference = applied?.["clusterRef"];
  const name = typeof reference === "object" && reference !== null && "name" in reference ? reference.name : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Asks from the members whether such pools still serve. Nothing at all while there are none. */
export function formerPoolQuestion(pools: readonly FormerPool[]): FactSet {
  const targets = pools.flatMap(({ hosts, ports }) =>
    hosts.flatMap(({ address }) => ports.map((port) => ({ address, port }))),
  );
  return targets.length === 0 ? {} : { [QUESTION]: reachFact({ targets }) };
}

const QUESTION = "formerPools";

/**
 * Clients may go through a pool that nobody looks after: a person says what is to become of it before anything is
 * changed.
 */
export function formerPoolBlockers(
  resource: string,
  pools: readonly FormerPool[],
  looks: ReadonlyMap<string, Look<unknown>>,
): readonly Blocker[] {
  const dials = [...looks.values()].flatMap((look) =>
    look.seen ? ((look.facts as { readonly [QUESTION]?: readonly ReachFact[] })[QUESTION] ?? []) : [],
  );
  return pools.map(({ name, hosts, ports }): Blocker => {
    const each = hosts.map((host) => `${host.name} (${host.address}) ${whatItDoes(host.address, ports, dials)}`);
    const names = hosts.map((host) => host.name);
    const unit = UNITS[name.split("/")[0] ?? ""] ?? "";
    return {
      resource,
      reason: "PoolUndeclared",
      scope: "everything",
      why: `${name} was set up by pgha for this cluster and is in none of the manifests: ${each.join("; ")}`,
      wayOut: [
        "Put it back, or name its manifest as well with -f. Or let it leave, in this order.",
        "Take its hosts out of your clients' use: DNS, load balancer, virtual address.",
        ...names.map((host) => `On ${host}, unless it is switched off: systemctl disable --now ${unit}`),
        `Then say that ${list(names)} ${names.length === 1 ? "serves" : "serve"} it no more: pgha forget ${name}`,
      ].join("\n"),
    };
  });
}

function whatItDoes(address: string, ports: readonly number[], dials: readonly ReachFact[]): string {
  const own = dials.filter((dial) => dial.address === address);
  const open = ports.filter((port) => own.some((dial) => dial.port === port && dial.result === "open"));
  if (open.length > 0) return `still serves clients on TCP ${list(open.map(String))}`;
  if (own.length === 0) return "may serve clients still, which is not known";
  return own.some(({ result }) => result === "refused")
    ? `serves nobody on TCP ${list(ports.map(String))}`
    : "does not answer: it is switched off, or cut off";
}

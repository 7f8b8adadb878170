import { ADDRESS_KEPT } from "../api/index.ts";
import type { HAProxyPool, PgBouncerPool } from "../api/index.ts";
import type { FactSet, Look } from "../facts/fact.ts";
import { reachFact } from "../facts/reach.ts";
import type { ReachFact } from "../facts/types.ts";
import { forgetWords } from "../plan/forget-words.ts";
import type { Blocker } from "../plan/plan.ts";
import type { RecordedFacts } from "../state/index.ts";
import { leftHosts } from "./left-hosts.ts";

interface PoolWish {
  readonly name: string;
  readonly pool: HAProxyPool | PgBouncerPool;
  readonly recorded: RecordedFacts;
  /** Where clients connect. */
  readonly port: number;
  readonly unit: string;
}

/** Asks from the hosts of a pool whether those that left it still serve. Nothing at all while none did. */
export function leftQuestion({ pool, recorded, port }: PoolWish): FactSet {
  const targets = leftHosts(pool, recorded).flatMap(({ address }) =>
    address === undefined ? [] : [{ address, port }],
  );
  return targets.length === 0 ? {} : { [QUESTION]: reachFact({ targets }) };
}

const QUESTION = "leftHosts";

/**
 * Proxies and poolers that were set up and are not listed: clients may still go through them, and nobody mends them.
 */
export function leftBlockers(wish: PoolWish, looks: ReadonlyMap<string, Look<unknown>>): readonly Blocker[] {
  const { name, pool, recorded, port, unit } = wish;
  return leftHosts(pool, recorded).map((left) => {
    const label = left.address === undefined ? left.name : `${left.name} (${left.address})`;
    const listed =
      left.nowAt === undefined
        ? "is not on the list any more"
        : `is on the list at another address (${left.nowAt}), but ${ADDRESS_KEPT}`;
    return {
      resource: name,
      reason: "HostUndeclared",
      scope: "everything",
      why: `${label} was set up by pgha and ${listed}; ${whatItDoes(dialsOf(looks, left.address), port)}`,
      wayOut: [
        left.nowAt === undefined
          ? "Put it back on the list; or let it leave, in this order."
          : "Put the old address back, and give another machine another name; or let the old one leave, in this order.",
        "Take it out of your clients' use: DNS, load balancer, virtual address.",
        `On ${left.name}, unless it is switched off: systemctl disable --now ${unit}`,
        forgetWords(name, [left.name]),
      ].join("\n"),
    };
  });
}

function dialsOf(looks: ReadonlyMap<string, Look<unknown>>, address: string | undefined): readonly ReachFact[] {
  return [...looks.values()].flatMap((look) => {
    const dials = look.seen ? (look.facts as { readonly [QUESTION]?: readonly ReachFact[] })[QUESTION] : undefined;
    return (dials ?? []).filter((dial) => dial.address === address);
  });
}

function whatItDoes(dials: readonly ReachFact[], port: number): string {
  const results = new Set(dials.map((dial) => dial.result));
  if (results.has("open")) return `it still serves clients on TCP ${port}`;
  if (results.has("refused")) return `nothing listens there on TCP ${port}`;
  return results.has("filtered")
    ? "it does not answer: it is switched off, or cut off"
    : "whether it serves clients is not known";
}
